using System.Runtime.InteropServices;
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
    private readonly int _worker;
    private readonly StateCodec _codec;
    private readonly StateHasher _hasher;
    private readonly int[] _successor; // The memory of a successor.
    private readonly int[] _successorStacks;
    private readonly Transition[] _enabled = new Transition[256];
    private readonly byte[] _encoded;
    private readonly StateGraph.Part? _edges;
    private readonly FrameCache _frames;
    private readonly TaskSymmetry? _symmetry;
    private Successors _expanded; // Of the state that is being expanded.
    private Successors _waiting; // Of the state before it.
    private int _nextNumber;
    private int _numbersEnd;

    internal SearchWorker(MachineImage image, SharedSearch search, int worker)
    {
        _search = search;
        _worker = worker;
        _machine = new Machine(image, copyOnResume: true);
        _codec = new StateCodec(image.Memory, image.StackBase, image.Contexts);
        _hasher = new StateHasher(image.Memory.Length);
        Growth = new GrowthWatch(image.Memory.Length);
        _successor = new int[image.Memory.Length];
        _successorStacks = new int[image.Contexts];
        _expanded = new Successors(image.Memory.Length, image.Contexts);
        _waiting = new Successors(image.Memory.Length, image.Contexts);
        _encoded = new byte[_codec.BytesMax];
        _edges = search.Graph?.NewPart();
        _frames = new FrameCache(search.Frames, _machine.Pool);
        _symmetry = search.HasTaskSymmetry ? new TaskSymmetry(image, _frames) : null;
    }

    internal long Transitions { get; private set; }

    internal long Deadlocks { get; private set; }

    internal long FinalStates { get; private set; }

    /// <summary>New states that this thread has found.</summary>
    internal long NewStates { get; private set; }

    /// <summary>The violation of this level that comes first in an order that no thread's speed can change.</summary>
    internal Violation? FirstViolation { get; private set; }

    internal GrowthWatch Growth { get; }

    internal long EdgeBytes => _edges?.Bytes ?? 0;

    /// <summary>Why a search by these threads must not fuse; null if it may.</summary>
    internal static string? ObstacleToFusion(SearchWorker[] workers)
    {
        foreach (SearchWorker worker in workers)
            workers[0]._machine.ShareInnerUses(worker._machine);

        return workers.Select(worker => worker._machine.ObstacleToFusion).FirstOrDefault(obstacle => obstacle is not null);
    }

    /// <summary>Boots the machine, and adds the state in which every task stands in front of its first operation.</summary>
    internal void AddStart(IStateSink writer)
    {
        _machine.Reset();
        for (int context = 0; context < _successorStacks.Length; context++)
            _machine.RememberStack(context);

        if (_machine.Finding is { } finding)
        {
            FirstViolation = new Violation(finding, -1, 0, default);
            return;
        }

        KeepStacks();
        _symmetry?.Canonicalize(_machine, _successorStacks);
        _search.Canonicalize(_machine.Memory);
        UInt128 hash = _hasher.Hash(_machine.Memory);
        int length = _codec.Encode(_machine.Memory, _successorStacks, _encoded);
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

    /// <summary>Expands blocks of the level until there is none left.</summary>
    internal void ExpandLevel(Frontier level, IStateSink next, ref int nextBlock, CancellationToken cancellation)
    {
        _machine.MakeCurrent(); // This thread may not have stepped it before.
        while (true)
        {
            int index = Interlocked.Increment(ref nextBlock) - 1;
            if (index >= level.Blocks || _search.IsFull || cancellation.IsCancellationRequested)
                break;

            PageBlock block = level.Take(index, out int length);
            ReadOnlySpan<byte> states = block.Span[..length];
            while (!states.IsEmpty)
            {
                ReadOnlySpan<byte> state = FrontierWriter.Read(ref states, out int number, out UInt128 hash);
                Expand(state, number, hash, next);
            }

            level.Budget.Return(block);
        }

        Settle(next);
        next.Flush();
        _search.Visited.Leave(_worker);
    }

    /// <summary>Tries every transition of a state. What it leads to is added when the next state has been expanded, or by <see cref="Settle"/>.</summary>
    internal void Expand(ReadOnlySpan<byte> state, int number, UInt128 hash, IStateSink next)
    {
        _expanded.Begin(number, hash);
        Restore(state);
        ReadOnlySpan<Transition> enabled = _machine.Enabled();
        if (enabled.IsEmpty)
            Conclude(number, (ulong)hash);

        enabled.CopyTo(_enabled);
        int count = enabled.Length;
        for (int i = 0; i < count; i++)
        {
            if (i > 0)
                _machine.RestoreMemory(_expanded.Memory);

            Try(_enabled[i]);
        }

        Transitions += count;
        Settle(next);
        (_expanded, _waiting) = (_waiting, _expanded);
    }

    /// <summary>Adds the successors that are waiting for it.</summary>
    internal void Settle(IStateSink next)
    {
        Successors waiting = _waiting;
        _search.Visited.Pass(_worker);
        for (int i = 0; i < waiting.Count; i++)
        {
            Successor successor = waiting[i];
            int length = _search.IsExact ? Encode(waiting, successor) : 0;
            successor.Number = _search.Visited.Find(successor.Hash, _encoded.AsSpan(0, length));
            if (successor.Number >= 0)
                _search.Tree.Prefetch(successor.Number);
        }

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
            length = _search.IsExact ? Encode(waiting, successor) : 0;
            _search.Tree.Add(number, waiting.Parent, waiting.ParentHash, successor.Transition);
            successor.Number = _search.Visited.Insert(successor.Hash, _encoded.AsSpan(0, length), number);
            isNew = successor.Number == number;
        }

        _edges?.Add(waiting.Parent, successor.Number, successor.Transition, successor.IsProgress);
        if (!isNew)
        {
            _search.Tree.Improve(successor.Number, waiting.Parent, waiting.ParentHash, successor.Transition);
            Frame.ReturnUnkept(successor.Top, _machine.Pool);
            return;
        }

        CountNew();
        if (length == 0)
            length = Encode(waiting, successor);

        CheckNew(waiting, successor);
        Growth.Watch(successor.ChangedWords, successor.ChangedValues);
        next.Add(successor.Number, successor.Hash, _encoded.AsSpan(0, length));
    }

    private void CheckNew(Successors waiting, Successor successor)
    {
        _machine.RestoreMemory(_successor);
        for (int context = 0; context < _successorStacks.Length; context++)
            RestoreStack(context, _frames[_successorStacks[context]]);

        // A state without successors is judged when it is expanded, with the deadlock detector's words.
        if (!_machine.Enabled().IsEmpty)
            _machine.CheckState();

        if (_machine.Finding is { } broken)
            Report(broken, waiting.Parent, waiting.ParentHash, successor.Transition);
    }

    private int Encode(Successors waiting, Successor successor)
    {
        if (successor.HasOwnStacks)
        {
            successor.Stacks.CopyTo(_successorStacks, 0);
        }
        else
        {
            waiting.Stacks.CopyTo(_successorStacks, 0);
            int number = _frames.NumberOf(successor.Top);
            _successorStacks[successor.Changed] = number;
            successor.Top = _frames[number];
        }

        waiting.Memory.CopyTo(_successor, 0);
        successor.Apply(_successor);
        return _codec.Encode(_successor, _successorStacks, _encoded);
    }

    private void Restore(ReadOnlySpan<byte> state)
    {
        _codec.Decode(state, _expanded.Memory, _expanded.Stacks);
        for (int context = 0; context < _successorStacks.Length; context++)
        {
            Frame? top = _frames[_expanded.Stacks[context]];
            _expanded.Tops[context] = top;
            RestoreStack(context, top);
            WriteStackHash(context, top);
        }

        _machine.RestoreMemory(_expanded.Memory);
    }

    private void RestoreStack(int context, Frame? top)
    {
        // Most contexts are where they were; and to store a reference costs more than to compare it.
        if (_machine.Stack(context).Top != top)
            _machine.RestoreStack(context, top);
    }

    // As Machine.RememberStack does, but of the state before it is in the machine.
    private void WriteStackHash(int context, Frame? top)
    {
        UInt128 hash = top?.ContentHash() ?? UInt128.Zero;
        Span<int> words = _expanded.Memory.AsSpan(_machine.StateWords + (context * MachineBuilder.StackHashWords), MachineBuilder.StackHashWords);
        MemoryMarshal.Write(MemoryMarshal.AsBytes(words), hash);
    }

    private void Try(Transition transition)
    {
        long done = _machine.OperationsDone;
        _machine.Perform(transition);
        int changed = _machine.CurrentContext;
        if (_machine.Finding is { } finding)
        {
            Report(finding, _expanded.Parent, _expanded.ParentHash, transition);
            _machine.DiscardStack(changed);
            _machine.RestoreStack(changed, _expanded.Tops[changed]);
            return;
        }

        Successor successor = _expanded.Next();
        _machine.RememberStack(changed);
        if (_symmetry is null)
            successor.Top = _machine.Stack(changed).Top;
        else
            Rename(successor, changed);

        _search.Canonicalize(_machine.Memory);
        successor.Hash = _hasher.Next(_expanded.FullHash, _expanded.Memory, _machine.Memory);
        _search.Visited.Prefetch(successor.Hash);
        successor.KeepChanges(_hasher.ChangedWords, _hasher.ChangedValues);
        successor.Transition = transition;
        successor.Changed = changed;
        successor.IsProgress = _machine.OperationsDone != done;
        _machine.RestoreStack(changed, _expanded.Tops[changed]);
    }

    private void Rename(Successor successor, int changed)
    {
        _expanded.Stacks.CopyTo(successor.Stacks, 0);
        successor.Stacks[changed] = _frames.NumberOf(_machine.Stack(changed).Top);
        successor.Top = null;
        successor.HasOwnStacks = true;
        _machine.RestoreStack(changed, _frames[successor.Stacks[changed]]);
        if (!_symmetry!.Canonicalize(_machine, successor.Stacks))
            return;

        for (int context = 0; context < _successorStacks.Length; context++)
            RestoreStack(context, _expanded.Tops[context]);
    }

    private void KeepStacks()
    {
        for (int context = 0; context < _successorStacks.Length; context++)
        {
            _successorStacks[context] = _frames.NumberOf(_machine.Stack(context).Top);
            _machine.RestoreStack(context, _frames[_successorStacks[context]]);
        }
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
        for (int context = 0; context < _successorStacks.Length; context++)
            _machine.DiscardStack(context);
    }

    private void Report(Finding finding, int number, ulong hash, Transition? transition)
    {
        var violation = new Violation(finding, number, hash, transition);
        if (FirstViolation is null || violation.CompareTo(FirstViolation) < 0)
            FirstViolation = violation;
    }

    internal void ForgetViolation() => FirstViolation = null;

    // The number is taken only when a new state has it: NextNumber yields the same until then.
    private int NextNumber()
    {
        if (_nextNumber == _numbersEnd)
            (_nextNumber, _numbersEnd) = _search.TakeNumbers();

        return _nextNumber;
    }

    private void CountNew()
    {
        _nextNumber++;
        NewStates++;
    }

    /// <summary>The schedule of which the search saw <paramref name="way"/>: there, every state had its tasks renamed.</summary>
    internal Transition[] WithRealNames(Transition[] way)
    {
        if (_symmetry is null)
            return way;

        int[] realNames = [.. Enumerable.Range(0, _successorStacks.Length)];
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
}
