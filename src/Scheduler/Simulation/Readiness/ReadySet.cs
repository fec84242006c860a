using Kmaplab.Scheduler.Simulation.Hardware;
using Kmaplab.Scheduler.Simulation.Memory;
using Kmaplab.Scheduler.Simulation.Operations;

namespace Kmaplab.Scheduler.Simulation.Readiness;

/// <summary>
/// The ready tasks of a machine that has very many, kept up to date by what steps change: a bit for each.
/// </summary>
/// <remarks>
/// Whoever waits for a spin lock stands among those of this lock, who are all ready while it is free. So a step that
/// takes or releases a lock for which thousands spin costs no more than any other.
/// </remarks>
internal sealed class ReadySet
{
    private const int NotReady = 0;
    private const int Ready = 1;
    private const int Judged = 2; // Somebody has to look each time.
    private const int FirstLock = 3;
    private const int Many = 256; // Tasks that the caches of a CPU hold easily.

    private readonly int[] _memory;
    private readonly TaskTable _tasks;
    private readonly ContextChanges _changes;
    private readonly Func<int, OperationKind, bool> _isReadyToGoOn;
    private readonly byte[] _places; // Of each task: NotReady, Ready, Judged, or the number of a lock.
    private readonly List<WaitedLock> _locks = []; // That somebody has waited for.
    private readonly List<WaitedLock> _waited = []; // Those for which somebody waits.
    private readonly TaskSet _ready; // But for those who wait for a lock.
    private readonly TaskUnion _enabled = new(); // And those whose lock is free, as things stood at the last count.
    private readonly TaskUnion _foreseen = new();
    private readonly TaskSet _judged; // By whether they go on, each time; those that do are ready as well.
    private readonly TaskSet _choices; // Those of the judged who stand before a choice: each outcome counts.

    /// <summary>The ready tasks of a machine; whoever is to be judged is judged by the function.</summary>
    internal ReadySet(int[] memory, TaskTable tasks, Func<int, OperationKind, bool> isReadyToGoOn)
    {
        _memory = memory;
        _tasks = tasks;
        _changes = tasks.Changes!;
        _isReadyToGoOn = isReadyToGoOn;
        _places = new byte[tasks.Count];
        _ready = new TaskSet(tasks.Count);
        _judged = new TaskSet(tasks.Count);
        _choices = new TaskSet(tasks.Count);
    }

    /// <summary>All may have changed, as memory was restored.</summary>
    internal void Forget() => _changes.AddAll();

    /// <summary>How many transitions are enabled.</summary>
    internal int Count()
    {
        Update();
        int count = _enabled.Count;
        if (_choices.Count == 0)
            return count;

        foreach (int task in _choices)
            count += OutcomesOf(task) - 1;

        return count;
    }

    /// <summary>
    /// The transition with a number, in the order of <see cref="List"/>, as things stood at the last count.
    /// </summary>
    internal Transition At(int number)
    {
        if (_choices.Count == 0)
            return Transition.Step(_enabled.At(number));

        foreach (int task in _enabled)
        {
            bool isChoice = _choices.Contains(task);
            int outcomes = isChoice ? OutcomesOf(task) : 1;
            if (number < outcomes)
                return isChoice ? Transition.Choose(task, number) : Transition.Step(task);

            number -= outcomes;
        }

        throw new ArgumentOutOfRangeException(nameof(number), number, "so many transitions are not enabled");
    }

    /// <summary>
    /// Who will step after a task does, if a number from 0 to 2^32-1 is drawn for that; -1 if so few can that whoever
    /// it is has stepped lately. A guess, which nothing may depend on but speed: what else changes with the step is not
    /// foreseen.
    /// </summary>
    internal int Foresee(int task, uint draw)
    {
        OperationKind kind = _tasks.Operation(task);
        int turned = kind is OperationKind.Acquire or OperationKind.Release ? _tasks.Target(task) : -1;
        _foreseen.Begin(_ready);
        foreach (WaitedLock waited in _waited)
        {
            bool isFree = waited.Address == turned ? kind == OperationKind.Release : _memory[waited.Address] == 0;
            if (isFree)
                _foreseen.Add(waited.Waiting);
        }

        return _foreseen.Count < Many ? -1 : _foreseen.At((int)((ulong)draw * (uint)_foreseen.Count >> 32));
    }

    /// <summary>Lists all of them by task; yields their number.</summary>
    internal int List(Transition[] enabled)
    {
        Update();
        int count = 0;
        foreach (int task in _enabled)
        {
            if (!_choices.Contains(task))
            {
                enabled[count++] = Transition.Step(task);
                continue;
            }

            for (int outcome = 0; outcome < OutcomesOf(task); outcome++)
                enabled[count++] = Transition.Choose(task, outcome);
        }

        return count;
    }

    private int OutcomesOf(int task) => _tasks.Pending(task).Argument;

    private void Update()
    {
        foreach (int context in _changes.Contexts)
        {
            if (context < _places.Length)
                Move(context, PlaceOf(context));
        }

        _changes.Clear();
        if (_judged.Count != 0)
            JudgeAll();

        _enabled.Begin(_ready);
        foreach (WaitedLock waited in _waited)
        {
            if (_memory[waited.Address] == 0)
                _enabled.Add(waited.Waiting);
        }
    }

    private void JudgeAll()
    {
        foreach (int task in _judged)
            Judge(task);
    }

    private void Judge(int task)
    {
        OperationKind kind = _tasks.Operation(task);
        bool isChoice = kind == OperationKind.Choose;
        _choices.Set(task, isChoice);
        _ready.Set(task, isChoice || _isReadyToGoOn(task, kind));
    }

    private int PlaceOf(int task)
    {
        if (_tasks.Status(task) != ContextStatus.Runnable)
            return NotReady;

        OperationKind kind = _tasks.Operation(task);
        if (kind >= OperationKind.Await)
            return Judged;

        return kind == OperationKind.Acquire ? LockPlace(_tasks.Target(task)) : Ready;
    }

    // With more locks than a place can name the others are judged, which is slower and nothing else.
    private int LockPlace(int address)
    {
        for (int i = 0; i < _locks.Count; i++)
        {
            if (_locks[i].Address == address)
                return FirstLock + i;
        }

        if (_locks.Count > byte.MaxValue - FirstLock)
            return Judged;

        _locks.Add(new WaitedLock(address, new TaskSet(_places.Length)));
        return FirstLock + _locks.Count - 1;
    }

    private void Move(int task, int place)
    {
        int before = _places[task];
        if (before == place)
            return;

        if (before >= FirstLock)
            StopWaiting(_locks[before - FirstLock], task);
        else if (before == Judged)
            Unjudge(task);

        _places[task] = (byte)place;
        if (place >= FirstLock)
            WaitFor(_locks[place - FirstLock], task);
        else if (place == Judged)
            _judged.Set(task, true); // And ready or not when it was judged.
        else
            _ready.Set(task, place == Ready);
    }

    private void Unjudge(int task)
    {
        _judged.Set(task, false);
        _choices.Set(task, false);
    }

    private void WaitFor(WaitedLock waited, int task)
    {
        if (waited.Waiting.Count == 0)
        {
            waited.Place = _waited.Count;
            _waited.Add(waited);
        }

        waited.Waiting.Set(task, true);
        _ready.Set(task, false);
    }

    private void StopWaiting(WaitedLock waited, int task)
    {
        waited.Waiting.Set(task, false);
        if (waited.Waiting.Count != 0)
            return;

        WaitedLock last = _waited[^1];
        _waited[waited.Place] = last;
        last.Place = waited.Place;
        _waited.RemoveAt(_waited.Count - 1);
    }

    private sealed class WaitedLock(int address, TaskSet waiting)
    {
        internal int Address { get; } = address;

        internal TaskSet Waiting { get; } = waiting;

        /// <summary>Where it stands among those for which somebody waits.</summary>
        internal int Place { get; set; }
    }
}
