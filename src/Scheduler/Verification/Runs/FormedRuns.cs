using Kmaplab.Scheduler.Coroutines.Stacks;
using Kmaplab.Scheduler.Detection;
using Kmaplab.Scheduler.Simulation;
using Kmaplab.Scheduler.Simulation.Hardware;
using Kmaplab.Scheduler.Verification.States;
using Kmaplab.Scheduler.Verification.Symmetry;

namespace Kmaplab.Scheduler.Verification.Runs;

/// <summary>
/// Runs a search's machine from the start, and brings each state into the form in which the search keeps it.
/// </summary>
/// <remarks>One thread, one object.</remarks>
internal sealed class FormedRuns : IRenamedSteps
{
    private readonly Machine _machine;
    private readonly FrameCache _frames;
    private readonly TaskSymmetry? _symmetry;
    private readonly IReducedSearch _search;
    private readonly StateCodec _codec;
    private readonly StateHasher _hasher;
    private readonly int[] _stacks; // The numbers of the machine's stacks.

    /// <param name="machine">Whom to run.</param>
    /// <param name="frames">Its stacks.</param>
    /// <param name="symmetry">How like tasks are sorted; null if they are told apart.</param>
    /// <param name="search">Who rewrites states besides.</param>
    /// <param name="codec">Who packs them.</param>
    /// <param name="hasher">Who hashes them.</param>
    internal FormedRuns(
        Machine machine,
        FrameCache frames,
        TaskSymmetry? symmetry,
        IReducedSearch search,
        StateCodec codec,
        StateHasher hasher)
    {
        _machine = machine;
        _frames = frames;
        _symmetry = symmetry;
        _search = search;
        _codec = codec;
        _hasher = hasher;
        _stacks = new int[machine.Image.Contexts];
    }

    /// <summary>Boots the machine; yields what is wrong with it already.</summary>
    internal Finding? Boot()
    {
        _machine.Reset();
        RememberStacks();
        return _machine.Finding;
    }

    /// <summary>The numbers of the stacks on which the booted machine stands.</summary>
    internal int[] StartStacks()
    {
        KeepStacks();
        return _stacks;
    }

    /// <summary>Packs the state in which the machine has been booted; yields the number of bytes.</summary>
    internal int EncodeStart(Span<byte> target, out UInt128 hash)
    {
        Canonicalize();
        return Encode(target, out hash);
    }

    /// <summary>
    /// Goes a way from the start as the search has gone it, and packs where it leads to; false if it cannot be gone.
    /// Nothing is looked up: what steps depend on besides memory shows only where they are performed.
    /// </summary>
    internal bool TryGo(Transition[] way, Span<byte> target, out UInt128 hash, out int length)
    {
        (hash, length) = (UInt128.Zero, 0);
        _machine.Reset();
        foreach (Transition transition in way)
        {
            Canonicalize();
            if (_machine.Finding is not null || !_machine.Enabled().Contains(transition))
                return false;

            _machine.PerformItself(transition);
        }

        Canonicalize();
        RememberStacks();
        length = Encode(target, out hash);
        return true;
    }

    void IRenamedSteps.Reset() => _machine.Reset();

    void IRenamedSteps.Perform(Transition transition) => _machine.Perform(transition);

    /// <inheritdoc/>
    public ReadOnlySpan<int> Canonicalize()
    {
        KeepStacks();
        bool hasRenamed = _symmetry is not null && _symmetry.Canonicalize(_machine, _stacks);
        _search.Canonicalize(_machine.Memory);
        return hasRenamed ? _symmetry!.NewNames : [];
    }

    private int Encode(Span<byte> target, out UInt128 hash)
    {
        hash = _hasher.Hash(_machine.Memory);
        return _codec.Encode(_machine.Memory, _stacks, target);
    }

    private void RememberStacks()
    {
        for (int context = 0; context < _stacks.Length; context++)
            _machine.RememberStack(context);
    }

    private void KeepStacks()
    {
        for (int context = 0; context < _stacks.Length; context++)
        {
            _stacks[context] = _frames.NumberOf(_machine.Stack(context).Top);
            _machine.RestoreStack(context, _frames[_stacks[context]]);
        }
    }
}
