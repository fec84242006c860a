using System.Threading;
using Kmaplab.Scheduler.Detection;
using Kmaplab.Scheduler.Simulation;
using Kmaplab.Scheduler.Simulation.Fusion;
using Kmaplab.Scheduler.Simulation.Hardware;
using Kmaplab.Scheduler.Simulation.Memory;
using Kmaplab.Scheduler.Simulation.Outside;
using Kmaplab.Scheduler.Verification.Finiteness;
using Kmaplab.Scheduler.Verification.Progress;
using Kmaplab.Scheduler.Verification.Runs;
using Kmaplab.Scheduler.Verification.States;
using Kmaplab.Scheduler.Verification.Storage;

namespace Kmaplab.Scheduler.Verification;

/// <summary>
/// One thread of the search, with a machine of its own: takes states out of the frontier, tries every transition, and
/// adds what is new.
/// </summary>
internal sealed class SearchWorker
{
    private readonly StateStepper _stepper;
    private readonly Machine _machine;
    private readonly SharedSearch _search;
    private readonly int _worker;
    private readonly Transition[] _enabled;
    private readonly byte[] _encoded;
    private StateGraph.Part? _edges;
    private Successors _expanded; // Of the state that is being expanded,
    private Successors _waiting; // of the state before it, which the processor fetches the table for,
    private Successors _found; // and of the one before that, which were looked up.
    private readonly OutsideWatch _outside;
    private int _nextNumber;
    private int _numbersEnd;
    private long _statesTold; // Of NewStates, those that all know of.

    internal SearchWorker(MachineImage image, SharedSearch search, int worker)
    {
        _search = search;
        _worker = worker;
        _stepper = new StateStepper(image, search);
        _machine = _stepper.Machine;
        _enabled = new Transition[image.TransitionsMax];
        _outside = new OutsideWatch(image.Outside);
        Growth = new GrowthWatch(image.Memory);
        _expanded = new Successors(image.Memory.Length, image.Contexts);
        _waiting = new Successors(image.Memory.Length, image.Contexts);
        _found = new Successors(image.Memory.Length, image.Contexts);
        _encoded = new byte[_stepper.BytesMax];
        _edges = search.Graph?.NewPart();
    }

    internal long Transitions { get; private set; }

    /// <summary>Transitions that were not performed.</summary>
    internal long Derived => _stepper.Derived;

    /// <inheritdoc cref="StateStepper.Asked"/>
    internal long Asked => _stepper.Asked;

    internal long Deadlocks { get; private set; }

    internal long FinalStates { get; private set; }

    /// <summary>States that this thread has expanded: in the end, each that there is.</summary>
    internal long Expanded { get; private set; }

    /// <summary>The number that the next new state gets, if this is the only thread.</summary>
    internal int NextFree => _nextNumber == _numbersEnd ? _search.NumbersTaken : _nextNumber;

    /// <summary>New states that this thread has found.</summary>
    internal long NewStates { get; private set; }

    /// <summary>The violation of this level that comes first in an order that no thread's speed can change.</summary>
    internal Violation? FirstViolation { get; private set; }

    internal GrowthWatch Growth { get; }

    internal long EdgeBytes => _edges?.Bytes ?? 0;

    /// <summary>The states that these threads have found.</summary>
    internal static long States(SearchWorker[] workers) => workers.Sum(worker => worker.NewStates);

    /// <summary>Why a search by these threads must not fuse; null if it may.</summary>
    internal static string? ObstacleToFusion(SearchWorker[] workers)
    {
        FusionWatch? watch = workers[0]._machine.Fusion.Watch;
        foreach (SearchWorker worker in workers.Skip(1))
            watch?.Share(worker._machine.Fusion.Watch!);

        return watch?.Obstacle;
    }

    /// <summary>This thread's machine has met something because of which the search must not fuse.</summary>
    internal bool HasMetObstacle => _machine.Fusion.Watch?.Obstacle is not null;

    /// <inheritdoc cref="Machine.RefuseEndlessRecursion"/>
    internal void RefuseEndlessRecursion() => _machine.RefuseEndlessRecursion();

    /// <summary>
    /// Boots the machine, and adds the state in which every task stands in front of its first operation.
    /// </summary>
    internal void AddStart(IStateSink writer)
    {
        if (_stepper.Runs.Boot() is { } finding)
        {
            FirstViolation = new Violation(finding, -1, 0, default);
            return;
        }

        int length = _stepper.EncodeStart(_encoded, out UInt128 hash);
        int number = NextNumber();
        _search.Visited.Insert(hash, _encoded.AsSpan(0, length), number);
        _search.Tree.AddRoot(number);
        CountNew();
        writer.Add(number, hash, _encoded.AsSpan(0, length));
        writer.Flush();
    }

    /// <summary>Prepares for the states of another level.</summary>
    internal void BeginLevel()
    {
        FirstViolation = null;
        if (_search.IsShared)
            _nextNumber = _numbersEnd; // The new level has numbers of its own.
    }

    /// <summary>
    /// Expands blocks of the level until there is none left, or it is time to pause; each that is taken is done.
    /// </summary>
    internal void ExpandLevel(Frontier level, IStateSink next, ref int nextBlock, CancellationToken cancellation)
    {
        _machine.BeginOnThread(); // It may not have stepped it before.
        bool pauses = false;
        while (!pauses && !_search.IsFull && !cancellation.IsCancellationRequested)
        {
            int index = Interlocked.Increment(ref nextBlock) - 1;
            if (index >= level.Blocks)
                break;

            PageBlock block = level.Take(index, out int length);
            ReadOnlySpan<byte> states = block.Span[..length];
            while (!states.IsEmpty)
            {
                ReadOnlySpan<byte> state = FrontierWriter.Read(ref states, out int number, out UInt128 hash);
                if (_search.IsOnDisk && !_search.Tree.IsState(number))
                    continue; // It was known before.

                Expand(state, number, hash, next);
            }

            level.Budget.Return(block);
            pauses = _search.IsPauseDue; // At least one block was done, so the search gets on.
        }

        Settle(next);
        next.Flush();
        _search.Visited.Leave(_worker);
    }

    /// <summary>
    /// Tries every transition of a state. What it leads to is looked up when the next state has been expanded, and
    /// added after one more, or by <see cref="Settle"/>.
    /// </summary>
    internal void Expand(ReadOnlySpan<byte> state, int number, UInt128 hash, IStateSink next)
    {
        Expanded++;
        _expanded.Begin(number, hash);
        _stepper.Restore(state, _expanded);
        _edges?.AddState(number, _machine, (ulong)hash);
        ReadOnlySpan<Transition> enabled = _stepper.Ample(_machine.Enabled());
        if (enabled.IsEmpty)
        {
            _stepper.PutStacks(_expanded);
            Conclude(number, (ulong)hash);
        }

        enabled.CopyTo(_enabled);
        int count = enabled.Length;
        _stepper.FindSteps(_enabled.AsSpan(0, count), _expanded);
        for (int i = 0; i < count; i++)
        {
            if (_stepper.TryNext(_enabled[i], _expanded) is { } finding)
                Report(finding, number, (ulong)hash, _enabled[i]);

            if (_outside.IsDue(1) && _outside.FindChange() is { } change)
                Report(new Finding(FailureClass.Nondeterminism, change), number, (ulong)hash, _enabled[i]);
        }

        Transitions += count;
        for (int i = 0; i < _expanded.Count; i++)
            _search.Visited.Prefetch(_expanded[i].Hash);

        LookUp(_waiting);
        SettleAll(_found, next);
        _stepper.CheckSymmetry(_expanded);
        (_expanded, _waiting, _found) = (_found, _expanded, _waiting);
    }

    /// <summary>Adds the successors that are waiting for it.</summary>
    internal void Settle(IStateSink next)
    {
        LookUp(_waiting);
        SettleAll(_found, next);
        SettleAll(_waiting, next);
    }

    // Each look into a large table waits for memory, and for the processor to find out where that is. So those of a
    // state are asked for together, and a state's time before they are needed.
    private void LookUp(Successors waiting)
    {
        _search.Visited.Pass(_worker);
        for (int i = 0; i < waiting.Count; i++)
            _search.Visited.Prefetch(waiting[i].Hash);

        for (int i = 0; i < waiting.Count; i++)
        {
            Successor successor = waiting[i];
            int length = _search.IsExact ? _stepper.Encode(waiting, successor, _encoded) : 0;
            successor.Number = _search.Visited.Find(successor.Hash, _encoded.AsSpan(0, length));
        }

        for (int i = 0; i < waiting.Count; i++)
        {
            if (waiting[i].Number >= 0)
                _search.Tree.Prefetch(waiting[i].Number);
        }
    }

    private void SettleAll(Successors waiting, IStateSink next)
    {
        for (int i = 0; i < waiting.Count; i++)
            SettleOne(waiting, waiting[i], next);

        waiting.Clear();
    }

    private void SettleOne(Successors waiting, Successor successor, IStateSink next)
    {
        bool isNew = false;
        int length = 0;
        if (successor.Number < 0)
        {
            int number = NextNumber();
            length = _search.IsExact ? _stepper.Encode(waiting, successor, _encoded) : 0;
            _search.Tree.Add(number, waiting.Parent, waiting.ParentHash, successor.Transition);
            successor.Number = _search.Visited.Insert(successor.Hash, _encoded.AsSpan(0, length), number);
            isNew = successor.Number == number;
            if (!isNew)
                _search.Tree.Forget(number); // Somebody else was faster, or an earlier successor is the same state.
        }

        _edges?.Add(waiting.Parent, successor.Number, successor.Transition, successor.IsProgress, successor.Names);
        if (!isNew)
        {
            _search.Tree.Improve(successor.Number, waiting.Parent, waiting.ParentHash, successor.Transition);
            _stepper.Discard(successor.Top);
            return;
        }

        CountNew();
        if (length == 0)
            length = _stepper.Encode(waiting, successor, _encoded);

        if (_stepper.CheckEncoded(waiting, successor) is { } broken)
            Report(broken, waiting.Parent, waiting.ParentHash, successor.Transition);

        Growth.Watch(successor.ChangedWords, successor.ChangedValues);
        next.Add(successor.Number, successor.Hash, _encoded.AsSpan(0, length));
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
        _stepper.DiscardStacks();
    }

    private void Report(Finding finding, int number, ulong hash, Transition? transition)
    {
        var violation = new Violation(finding, number, hash, transition);
        if (FirstViolation is null || violation.CompareTo(FirstViolation) < 0)
            FirstViolation = violation;
    }

    /// <summary>Writes what these threads have counted and noticed; none of them searches meanwhile.</summary>
    internal static void Save(SearchWorker[] workers, BinaryWriter writer)
    {
        writer.Write(States(workers));
        writer.Write(workers.Sum(worker => worker.Expanded));
        writer.Write(workers.Sum(worker => worker.Transitions));
        writer.Write(workers.Sum(worker => worker.Deadlocks));
        writer.Write(workers.Sum(worker => worker.FinalStates));
        for (int word = 0; word < workers[0]._machine.Memory.Length; word++)
            workers.Select(worker => worker.Growth[word]).Aggregate((one, other) => one.With(other)).Save(writer);

        workers[0]._machine.Fusion.Watch?.Save(writer); // It knows what the others have seen.
    }

    /// <summary>Reads what was written, as if this thread had done it all.</summary>
    internal void Load(BinaryReader reader)
    {
        NewStates = _statesTold = reader.ReadInt64();
        Expanded = reader.ReadInt64();
        Transitions = reader.ReadInt64();
        Deadlocks = reader.ReadInt64();
        FinalStates = reader.ReadInt64();
        for (int word = 0; word < _machine.Memory.Length; word++)
            Growth.Widen(word, ValueRange.Load(reader));

        _machine.Fusion.Watch?.Load(reader);
    }

    /// <summary>Boots the machine, to look whether tasks start alike.</summary>
    internal void CheckStart()
    {
        _stepper.Runs.Boot();
        _stepper.EncodeStart(_encoded, out _);
    }

    /// <summary>Goes a way from the start as the search has gone it.</summary>
    internal bool TryGo(Transition[] way, Span<byte> target, out UInt128 hash, out int length) =>
        _stepper.Runs.TryGo(way, target, out hash, out length);

    internal void ForgetViolation() => FirstViolation = null;

    /// <summary>Whether a way, run again from the start, leads to the state that the search found there.</summary>
    internal bool LeadsTo(Transition[] way, int state) =>
        _stepper.Runs.TryGo(way, _encoded, out UInt128 hash, out int length)
        && _search.NumberOf(hash, _encoded.AsSpan(0, _search.IsExact ? length : 0)) == state;

    /// <summary>
    /// Among the ways that are as short as that to a violation one with fewer preemptions than it has; null if there is
    /// none within reach.
    /// </summary>
    internal Transition[]? FindWayWithFewerPreemptions(
        Violation violation,
        int preemptions,
        int waysMax,
        CancellationToken cancellation
    ) => new FewestPreemptions(_stepper, _search, violation, preemptions, waysMax).Find(cancellation);

    /// <summary>Runs of which the search saw others, in real names.</summary>
    internal RealNames RealNames => _stepper.RealNames;

    /// <summary>Some of the new states were none.</summary>
    internal void TakeBack(int states) => NewStates -= states;

    /// <summary>Keeps no edges any more: the graph would be too large.</summary>
    internal void DropEdges() => _edges = null;

    // The number is taken only when a new state has it: NextNumber yields the same until then.
    private int NextNumber()
    {
        if (_nextNumber == _numbersEnd)
        {
            (_nextNumber, _numbersEnd) = _search.TakeNumbers(NewStates - _statesTold);
            _statesTold = NewStates;
        }

        return _nextNumber;
    }

    private void CountNew()
    {
        _nextNumber++;
        NewStates++;
    }
}
