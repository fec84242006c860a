using System.IO.Hashing;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Kmaplab.Scheduler.Simulation;
using Kmaplab.Scheduler.Simulation.Hardware;
using Kmaplab.Scheduler.Simulation.Memory;
using Kmaplab.Scheduler.Simulation.Operations;

namespace Kmaplab.Scheduler.Exploration.Classes;

/// <summary>
/// A fingerprint of an execution that does not depend on the order of transitions that cannot see each other, on every
/// machine.
/// </summary>
/// <remarks>
/// Two executions have the same fingerprint if and only if one becomes the other by swapping neighbouring independent
/// transitions (Mazurkiewicz, 1977), up to collisions of 128 bits. Each transition is hashed with its task or CPU, its
/// place there, the last write of each word that it touches and, if it writes, the reads since; the fingerprint is the
/// sum. The words are those that the machine logs, from the decision whether the transition can happen to its last
/// effect: a word left out would merge executions that differ. To them the table of operations adds what an operation
/// means: a store of the same value is a write, and a wake-up writes the state of each task on its queue.
/// </remarks>
internal sealed class HappensBefore
{
    private const int PartsEach = 3;

    private readonly Machine _machine;
    private readonly TouchLog _log;
    private readonly WordPast[] _words; // By address.
    private readonly int[] _steps; // By context, and after them by CPU.
    private readonly List<(int Address, bool IsWrite)> _touches = [];
    private UInt128[] _parts = new UInt128[64];
    private Transition _transition;

    /// <summary>The fingerprint of no steps of a machine that logs what they touch.</summary>
    internal HappensBefore(Machine machine)
    {
        _machine = machine;
        _log = machine.Touches ?? throw new ArgumentException("it does not log what steps touch", nameof(machine));
        _words = new WordPast[machine.Memory.Length];
        _steps = new int[machine.Tasks.Contexts + machine.Cpus.Count];
    }

    private HappensBefore(HappensBefore other)
    {
        _machine = other._machine;
        _log = other._log;
        _words = [.. other._words];
        _steps = [.. other._steps];
        Fingerprint = other.Fingerprint;
    }

    /// <summary>The fingerprint of the transitions so far.</summary>
    internal UInt128 Fingerprint { get; private set; }

    /// <summary>The words that the latest transition has touched; one may be there twice.</summary>
    internal IReadOnlyList<(int Address, bool IsWrite)> Touches => _touches;

    /// <summary>The same transitions, to which others can be added.</summary>
    internal HappensBefore Clone() => new(this);

    /// <summary>Forgets all transitions.</summary>
    internal void Clear()
    {
        _log.End();
        Array.Clear(_words);
        Array.Clear(_steps);
        Fingerprint = 0;
    }

    /// <summary>
    /// The fingerprint of a schedule, from the start of the machine; of code that is not deterministic, as far as the
    /// schedule can be followed.
    /// </summary>
    internal UInt128 Run(ReadOnlySpan<Transition> schedule)
    {
        Clear();
        _machine.Reset();
        foreach (Transition transition in schedule)
        {
            if (!Before(transition))
                break;

            _machine.Perform(transition);
            After();
        }

        return Fingerprint;
    }

    /// <summary>Performs a transition and adds it.</summary>
    internal void Perform(Transition transition)
    {
        Before(transition);
        _machine.Perform(transition);
        After();
    }

    /// <summary>A transition is going to be performed; false if it is not enabled.</summary>
    internal bool Before(Transition transition)
    {
        _transition = transition;
        _touches.Clear();
        if (transition.IsStep)
            AddMeaning(transition.Subject);

        _log.Begin();
        return _machine.LookWhether(transition);
    }

    /// <summary>It has been performed.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)] // It has most of its work to do before it would be hot.
    internal void After()
    {
        _log.End();
        int[] memory = _machine.Memory;
        ReadOnlySpan<int> addresses = _log.Addresses;
        ReadOnlySpan<int> before = _log.Before;
        ReadOnlySpan<bool> isBlind = _log.IsBlind;
        ReadOnlySpan<bool> isLook = _log.IsLook;
        for (int i = 0; i < addresses.Length; i++)
        {
            int address = addresses[i];
            if (!isLook[i])
                _touches.Add((address, isBlind[i] || memory[address] != before[i]));
        }

        UInt128 step = Hash();
        foreach ((int address, bool isWrite) in CollectionsMarshal.AsSpan(_touches))
        {
            ref WordPast past = ref _words[address];
            if (isWrite)
                past = new WordPast { LastWrite = step };
            else
                past.ReadsSince += step;
        }

        Fingerprint += step;
    }

    /// <summary>What an operation does to its target by the table, whether or not that shows in the words.</summary>
    private void AddMeaning(int context)
    {
        Operation operation = _machine.Tasks.Pending(context);
        OperationRow row = OperationTable.Of(operation.Kind);
        switch (row.Target)
        {
            case OperationTarget.OwnState:
                _touches.Add((TaskTable.StateAddress(context), true));
                break;
            case OperationTarget.Word or OperationTarget.SpinLock or OperationTarget.WaitQueue:
                _touches.Add((operation.Target, row.Writes(operation, _machine.Memory)));
                break;
            default:
                break; // Pages and TLBs are words of their own, and those that are touched are logged.
        }

        if (row.Effect != OperationEffect.Wakes)
            return;

        for (int i = 0; i < _machine.Queues.Count(operation.Target); i++)
            _touches.Add((TaskTable.StateAddress(_machine.Queues.TaskAt(operation.Target, i)), true));
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private UInt128 Hash()
    {
        int count = (_touches.Count + 1) * PartsEach;
        if (_parts.Length < count)
            Array.Resize(ref _parts, count * 2);

        int actor = _transition.IsStep ? _transition.Subject : _machine.Tasks.Contexts + _transition.Subject;
        _parts[0] = (UInt128)actor;
        _parts[1] = (UInt128)_steps[actor]++;
        _parts[2] = _transition.Code;
        Span<UInt128> parts = _parts.AsSpan(0, count);
        Span<UInt128> rest = parts[PartsEach..];
        foreach ((int address, bool isWrite) in CollectionsMarshal.AsSpan(_touches))
        {
            ref WordPast past = ref _words[address];
            rest[2] = isWrite ? past.ReadsSince : UInt128.Zero;
            rest[1] = past.LastWrite;
            rest[0] = ((ulong)(uint)address << 1) | (isWrite ? 1ul : 0ul);
            rest = rest[PartsEach..];
        }

        return XxHash128.HashToUInt128(MemoryMarshal.AsBytes(parts));
    }

    private struct WordPast
    {
        internal UInt128 LastWrite;
        internal UInt128 ReadsSince;
    }
}
