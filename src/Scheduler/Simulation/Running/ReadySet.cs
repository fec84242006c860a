using System.Numerics;
using Kmaplab.Scheduler.Simulation.Hardware;
using Kmaplab.Scheduler.Simulation.Memory;
using Kmaplab.Scheduler.Simulation.Operations;

namespace Kmaplab.Scheduler.Simulation.Running;

/// <summary>
/// The ready tasks of a machine that has very many, kept up to date by what steps change: a bit for each.
/// </summary>
/// <remarks>
/// Whoever waits for a spin lock stands among those of this lock, and they are ready together when it is free. So a
/// step that takes or releases a lock for which thousands spin costs no more than any other.
/// </remarks>
internal sealed class ReadySet
{
    private const int WordBits = 64;
    private const int NotReady = 0;
    private const int Ready = 1;
    private const int Judged = 2; // Somebody has to look each time.
    private const int FirstLock = 3;

    private readonly int[] _memory;
    private readonly TaskTable _tasks;
    private readonly ContextChanges _changes;
    private readonly Func<int, OperationKind, bool> _isReadyToGoOn;
    private readonly byte[] _places; // Of each task: NotReady, Ready, Judged, or the number of a lock.
    private readonly List<int> _locks = []; // The addresses of locks that somebody has waited for.
    private readonly List<ulong[]> _sets = []; // Ready, Judged, then those who wait for each lock.
    private readonly ulong[] _now;
    private readonly ulong[] _choices; // Those of the ready who stand before a choice: each outcome counts.
    private bool _hasChoices;

    /// <summary>The ready tasks of a machine; whoever is to be judged is judged by the function.</summary>
    internal ReadySet(int[] memory, TaskTable tasks, Func<int, OperationKind, bool> isReadyToGoOn)
    {
        _memory = memory;
        _tasks = tasks;
        _changes = tasks.Changes!;
        _isReadyToGoOn = isReadyToGoOn;
        int words = (tasks.Count + WordBits - 1) / WordBits;
        _places = new byte[tasks.Count];
        _now = new ulong[words];
        _choices = new ulong[words];
        for (int set = Ready; set < FirstLock; set++)
            _sets.Add(new ulong[words]);
    }

    /// <summary>All may have changed, as memory was restored.</summary>
    internal void Forget() => _changes.AddAll();

    /// <summary>How many transitions are enabled.</summary>
    internal int Count()
    {
        Update();
        int count = 0;
        foreach (ulong word in _now)
            count += BitOperations.PopCount(word);

        if (!_hasChoices)
            return count;

        foreach (int task in new Bits(_choices))
            count += OutcomesOf(task) - 1;

        return count;
    }

    /// <summary>
    /// The transition with a number, in the order of <see cref="List"/>, as things stood at the last count.
    /// </summary>
    internal Transition At(int number)
    {
        for (int word = 0; word < _now.Length; word++)
        {
            int here = BitOperations.PopCount(_now[word]);
            if (_choices[word] == 0 && number >= here)
            {
                number -= here;
                continue;
            }

            for (ulong left = _now[word]; left != 0; left &= left - 1)
            {
                int task = (word * WordBits) + BitOperations.TrailingZeroCount(left);
                bool isChoice = (_choices[word] >> (task % WordBits) & 1) != 0;
                int outcomes = isChoice ? OutcomesOf(task) : 1;
                if (number < outcomes)
                    return isChoice ? Transition.Choose(task, number) : Transition.Step(task);

                number -= outcomes;
            }
        }

        throw new ArgumentOutOfRangeException(nameof(number), number, "so many transitions are not enabled");
    }

    /// <summary>Lists all of them by task; yields their number.</summary>
    internal int List(Transition[] enabled)
    {
        Update();
        int count = 0;
        foreach (int task in new Bits(_now))
        {
            if ((_choices[task / WordBits] >> (task % WordBits) & 1) == 0)
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
        _sets[Ready - 1].CopyTo(_now, 0);
        for (int i = 0; i < _locks.Count; i++)
        {
            if (_memory[_locks[i]] == 0)
                Join(_sets[FirstLock - 1 + i]);
        }

        if (_hasChoices)
            Array.Clear(_choices);

        _hasChoices = false;
        foreach (int task in new Bits(_sets[Judged - 1]))
            Judge(task);
    }

    private void Join(ulong[] others)
    {
        for (int word = 0; word < _now.Length; word++)
            _now[word] |= others[word];
    }

    private void Judge(int task)
    {
        OperationKind kind = _tasks.Operation(task);
        ulong bit = 1UL << (task % WordBits);
        if (kind == OperationKind.Choose)
        {
            _choices[task / WordBits] |= bit;
            _hasChoices = true;
        }
        else if (!_isReadyToGoOn(task, kind))
        {
            return;
        }

        _now[task / WordBits] |= bit;
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
        int known = _locks.IndexOf(address);
        if (known >= 0)
            return FirstLock + known;

        if (_locks.Count > byte.MaxValue - FirstLock)
            return Judged;

        _locks.Add(address);
        _sets.Add(new ulong[_now.Length]);
        return FirstLock + _locks.Count - 1;
    }

    private void Move(int task, int place)
    {
        int before = _places[task];
        if (before == place)
            return;

        ulong bit = 1UL << (task % WordBits);
        if (before != NotReady)
            _sets[before - 1][task / WordBits] &= ~bit;

        if (place != NotReady)
            _sets[place - 1][task / WordBits] |= bit;

        _places[task] = (byte)place;
    }

    /// <summary>The numbers of the bits that are set.</summary>
    private readonly ref struct Bits(ReadOnlySpan<ulong> words)
    {
        private readonly ReadOnlySpan<ulong> _words = words;

        public Enumerator GetEnumerator() => new(_words);

        public ref struct Enumerator(ReadOnlySpan<ulong> words)
        {
            private readonly ReadOnlySpan<ulong> _words = words;
            private int _word = -1;
            private ulong _left;

            public int Current { get; private set; }

            public bool MoveNext()
            {
                while (_left == 0)
                {
                    if (++_word == _words.Length)
                        return false;

                    _left = _words[_word];
                }

                Current = (_word * WordBits) + BitOperations.TrailingZeroCount(_left);
                _left &= _left - 1;
                return true;
            }
        }
    }
}
