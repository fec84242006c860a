using System.Buffers.Binary;
using System.Threading;
using Kmaplab.Scheduler.Coroutines;
using Kmaplab.Scheduler.Detection;
using Kmaplab.Scheduler.Simulation;

namespace Kmaplab.Scheduler.Verification;

/// <summary>One thread of the search, with a machine of its own: takes states out of the frontier, tries every transition, and adds what is new.</summary>
internal sealed class SearchWorker
{
    private readonly Machine _machine;
    private readonly SharedSearch _search;
    private readonly StateCodec _codec;
    private readonly int[] _memory; // The state that is being expanded.
    private readonly int[] _stacks;
    private readonly int[] _successorStacks;
    private readonly Frame?[] _tops;
    private readonly Transition[] _enabled = new Transition[256];
    private byte[] _block = new byte[Frontier.BlockSize];
    private readonly byte[] _encoded;
    private readonly StateGraph.Part? _edges;
    private readonly FrameCache _frames;
    private readonly TaskSymmetry? _symmetry;

    internal SearchWorker(MachineImage image, SharedSearch search)
    {
        _search = search;
        _machine = new Machine(image, copyOnResume: true);
        _codec = new StateCodec(image.Memory, image.StackBase, image.Contexts);
        _memory = new int[image.Memory.Length];
        _stacks = new int[image.Contexts];
        _successorStacks = new int[image.Contexts];
        _tops = new Frame?[image.Contexts];
        _encoded = new byte[_codec.BytesMax];
        _edges = search.Graph?.NewPart();
        _frames = new FrameCache(search.Frames, _machine.Pool);
        _symmetry = search.HasTaskSymmetry ? new TaskSymmetry(image, _frames) : null;
    }

    internal long Transitions { get; private set; }

    internal long Deadlocks { get; private set; }

    internal long FinalStates { get; private set; }

    /// <summary>The violation of this level that comes first in an order that no thread's speed can change.</summary>
    internal Violation? FirstViolation { get; private set; }

    internal GrowthWatch Growth { get; } = new();

    /// <summary>Why a search by these threads must not fuse; null if it may.</summary>
    internal static string? ObstacleToFusion(SearchWorker[] workers)
    {
        foreach (SearchWorker worker in workers)
            workers[0]._machine.ShareInnerUses(worker._machine);

        return workers.Select(worker => worker._machine.ObstacleToFusion).FirstOrDefault(obstacle => obstacle is not null);
    }

    internal long EdgeBytes => _edges?.Bytes ?? 0;

    /// <summary>Boots the machine, and adds the state in which every task stands in front of its first operation.</summary>
    internal void AddStart(IStateSink writer)
    {
        _machine.Reset();
        for (int context = 0; context < _stacks.Length; context++)
            _machine.RememberStack(context);

        if (_machine.Finding is { } finding)
        {
            FirstViolation = new Violation(finding, -1, 0, default);
            return;
        }

        KeepStacks();
        _symmetry?.Canonicalize(_machine, _successorStacks);
        _search.Canonicalize(_machine.Memory);
        UInt128 hash = _machine.HashOfMemory();
        int length = _codec.Encode(_machine.Memory, _successorStacks, _encoded);
        int number = _search.Visited.Add(hash, _encoded.AsSpan(0, length), out _);
        _search.Tree.AddRoot(number);
        writer.Add(number, hash, _encoded.AsSpan(0, length));
        writer.Flush();
    }

    internal void ForgetViolation() => FirstViolation = null;

    /// <summary>Expands blocks of the level until there is none left.</summary>
    internal void ExpandLevel(Frontier level, IStateSink next, ref int nextBlock, CancellationToken cancellation)
    {
        FirstViolation = null;
        _machine.MakeCurrent(); // This thread may not have stepped it before.
        while (true)
        {
            int index = Interlocked.Increment(ref nextBlock) - 1;
            if (index >= level.Blocks || _search.IsFull || cancellation.IsCancellationRequested)
                break;

            ReadOnlySpan<byte> block = level.Take(index, ref _block);
            while (!block.IsEmpty)
            {
                int number = BinaryPrimitives.ReadInt32LittleEndian(block);
                ulong hash = BinaryPrimitives.ReadUInt64LittleEndian(block[4..]);
                int length = BinaryPrimitives.ReadUInt16LittleEndian(block[12..]);
                Expand(block.Slice(FrontierWriter.HeaderBytes, length), number, hash, next);
                block = block[(FrontierWriter.HeaderBytes + length)..];
            }
        }

        next.Flush();
    }

    internal void Expand(ReadOnlySpan<byte> state, int number, ulong hash, IStateSink next)
    {
        Restore(state);
        ReadOnlySpan<Transition> enabled = _machine.Enabled();
        if (enabled.IsEmpty)
        {
            Conclude(number, hash);
            return;
        }

        enabled.CopyTo(_enabled);
        int count = enabled.Length;
        for (int i = 0; i < count; i++)
        {
            if (i > 0)
                _machine.RestoreMemory(_memory);

            Try(_enabled[i], number, hash, next);
        }

        Transitions += count;
    }

    private void Restore(ReadOnlySpan<byte> state)
    {
        _codec.Decode(state, _memory, _stacks);
        _machine.RestoreMemory(_memory);
        for (int context = 0; context < _stacks.Length; context++)
        {
            _tops[context] = _frames[_stacks[context]];
            _machine.RestoreStack(context, _tops[context]);
            _machine.RememberStack(context);
        }

        // With the stacks' hashes, so that the successors need only those that change.
        _machine.Memory.CopyTo(_memory, 0);
    }

    private void Try(Transition transition, int number, ulong hash, IStateSink next)
    {
        long done = _machine.OperationsDone;
        _machine.Perform(transition);
        int changed = _machine.CurrentContext;
        if (_machine.Finding is { } finding)
        {
            Report(finding, number, hash, transition);
        }
        else
        {
            _machine.RememberStack(changed);
            bool isRenamed = _symmetry is not null && Rename(changed);
            _search.Canonicalize(_machine.Memory);
            Add(transition, number, hash, changed, _machine.OperationsDone != done, next);
            if (isRenamed)
            {
                RestoreStacks();
                return;
            }
        }

        _machine.DiscardStack(changed);
        _machine.RestoreStack(changed, _tops[changed]);
    }

    private bool Rename(int changed)
    {
        KeepStack(changed);
        return _symmetry!.Canonicalize(_machine, _successorStacks);
    }

    private void RestoreStacks()
    {
        for (int context = 0; context < _stacks.Length; context++)
            _machine.RestoreStack(context, _tops[context]);
    }

    private void Add(Transition transition, int parent, ulong parentHash, int changed, bool isProgress, IStateSink next)
    {
        UInt128 hash = _machine.HashOfMemory();
        int length = _search.IsExact ? Encode(changed) : 0;
        int number = _search.Visited.Add(hash, _encoded.AsSpan(0, length), out bool isNew);
        _search.Tree.Add(number, isNew, parent, parentHash, transition);
        _edges?.Add(parent, number, transition, isProgress);
        if (!isNew)
            return;

        if (!_search.IsExact)
            length = Encode(changed);

        // A state without successors is judged when it is expanded, with the deadlock detector's words.
        if (!_machine.Enabled().IsEmpty)
            _machine.CheckState();

        if (_machine.Finding is { } broken)
            Report(broken, parent, parentHash, transition);

        Growth.Watch(_machine.Memory.AsSpan(0, _machine.StateWords));
        next.Add(number, hash, _encoded.AsSpan(0, length));
        _search.CountNew(number);
    }

    private int Encode(int changed)
    {
        if (_symmetry is null)
            KeepStack(changed);

        return _codec.Encode(_machine.Memory, _successorStacks, _encoded);
    }

    /// <summary>Gives the stack that the latest transition changed a number, and stands on the frames that are kept under it.</summary>
    private void KeepStack(int changed)
    {
        _stacks.CopyTo(_successorStacks, 0);
        _successorStacks[changed] = _frames.NumberOf(_machine.Stack(changed).Top);
        _machine.RestoreStack(changed, _frames[_successorStacks[changed]]);
    }

    private void KeepStacks()
    {
        for (int context = 0; context < _stacks.Length; context++)
        {
            _successorStacks[context] = _frames.NumberOf(_machine.Stack(context).Top);
            _machine.RestoreStack(context, _frames[_successorStacks[context]]);
        }
    }

    /// <summary>The schedule of which the search saw <paramref name="way"/>: there, every state had its tasks renamed.</summary>
    internal Transition[] WithRealNames(Transition[] way)
    {
        if (_symmetry is null)
            return way;

        int[] realNames = [.. Enumerable.Range(0, _stacks.Length)];
        var schedule = new Transition[way.Length];
        _machine.Reset();
        for (int step = 0; step <= way.Length; step++)
        {
            KeepStacks();
            if (_symmetry.Canonicalize(_machine, _successorStacks))
            {
                int[] before = [.. realNames];
                for (int context = 0; context < before.Length; context++)
                    realNames[_symmetry.Names[context]] = before[context];
            }

            _search.Canonicalize(_machine.Memory);
            if (step == way.Length)
                break;

            schedule[step] = Transition.Step(realNames[way[step].Subject]);
            _machine.Perform(way[step]);
        }

        return schedule;
    }

    private void Conclude(int number, ulong hash)
    {
        bool isFinal = true;
        for (int task = 0; task < _machine.Tasks.Count; task++)
            isFinal &= _machine.Tasks.Status(task) == ContextStatus.Finished;

        if (isFinal)
            FinalStates++;
        else
            Deadlocks++;

        _machine.CheckReached();
        if (_machine.Finding is { } finding)
            Report(finding, number, hash, null);

        // The deadlock detector may have run the machine on.
        for (int context = 0; context < _stacks.Length; context++)
            _machine.DiscardStack(context);
    }

    private void Report(Finding finding, int number, ulong hash, Transition? transition)
    {
        var violation = new Violation(finding, number, hash, transition);
        if (FirstViolation is null || violation.CompareTo(FirstViolation) < 0)
            FirstViolation = violation;
    }
}

/// <summary>Something wrong: in a state, or in what a transition out of it does.</summary>
internal sealed record Violation(Finding Finding, int State, ulong StateHash, Transition? Transition) : IComparable<Violation>
{
    public int CompareTo(Violation? other)
    {
        // A state that is wrong itself is reached one transition earlier.
        int byLength = (Transition is not null).CompareTo(other!.Transition is not null);
        if (byLength != 0)
            return byLength;

        int byState = StateHash.CompareTo(other.StateHash);
        return byState != 0 ? byState : (Transition?.Code ?? 0).CompareTo(other.Transition?.Code ?? 0);
    }
}
