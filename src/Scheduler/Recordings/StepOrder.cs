using System.IO.Hashing;
using System.Runtime.InteropServices;
using Kmaplab.Scheduler.Simulation.Operations;
using Kmaplab.Scheduler.Threads.Orders;

namespace Kmaplab.Scheduler.Recordings;

/// <summary>
/// The steps of a recording as far as they are ordered: each task's one after the other, and those that concern the
/// same object. Every order that follows from these may be the one that was.
/// </summary>
internal sealed class StepOrder
{
    private readonly IReadOnlyList<RecordedStep> _entries;
    private readonly int _finder;
    private readonly int[][] _ofTask; // By task, where in the list its steps begin.
    private readonly int[] _places; // By the first entry of a step, its place among its task's.
    private readonly int[] _ranks; // By entry, how often others came to its object before its step.
    private readonly int[] _next; // By task, the steps that are done.
    private readonly int[] _touched; // By object, how often somebody has come to it.
    private int _first; // No step in front of this one is left.

    internal StepOrder(ThreadRecording run)
    {
        _entries = run.Steps;
        _finder = run.Finder;
        _places = new int[_entries.Count];
        _ranks = new int[_entries.Count];
        _touched = new int[run.Objects.Count];
        var ofTask = new List<List<int>>();
        for (int i = 0; i < _entries.Count; i = EndOf(i))
        {
            while (ofTask.Count <= _entries[i].Task)
                ofTask.Add([]);

            List<int> steps = ofTask[_entries[i].Task];
            _places[i] = steps.Count;
            steps.Add(i);
            Count++;
            for (int entry = i; entry < EndOf(i); entry++)
                _ranks[entry] = _entries[entry].Object is var one and >= 0 ? _touched[one] : 0;

            Touch(i);
        }

        _ofTask = [.. ofTask.Select(steps => steps.ToArray())];
        _next = new int[_ofTask.Length];
        Array.Clear(_touched);
    }

    /// <summary>The number of steps.</summary>
    internal int Count { get; }

    /// <summary>The number of those that are done.</summary>
    internal int Done { get; private set; }

    /// <summary>Nothing is left.</summary>
    internal bool IsOver => Done == Count;

    /// <summary>
    /// The step that has found something wrong is done. Others may have gone on after it, before they were stopped.
    /// </summary>
    internal bool HasFound => (uint)_finder < (uint)_ofTask.Length && _next[_finder] == _ofTask[_finder].Length;

    /// <summary>The step that was recorded first of those that are left.</summary>
    internal RecordedStep First()
    {
        while (_places[_first] < _next[_entries[_first].Task])
            _first = EndOf(_first);

        return _entries[_first];
    }

    /// <summary>The steps that may come next, each another task's, in the order in which they were recorded.</summary>
    internal RecordedStep[] Candidates() =>
    [
        .. Enumerable.Range(0, _ofTask.Length)
            .Where(MayGoOn)
            .Select(task => _ofTask[task][_next[task]])
            .Order()
            .Select(entry => _entries[entry]),
    ];

    /// <summary>A task's next step is done.</summary>
    internal void Do(int task)
    {
        Touch(_ofTask[task][_next[task]++]);
        Done++;
    }

    /// <summary>What is done now, to come back to.</summary>
    internal StepOrderMark Mark() => new([.. _next], [.. _touched], Done, _first);

    /// <summary>Only that is done.</summary>
    internal void Restore(StepOrderMark mark)
    {
        mark.Next.CopyTo(_next, 0);
        mark.Touched.CopyTo(_touched, 0);
        Done = mark.Done;
        _first = mark.First;
    }

    /// <summary>A hash of which steps are done.</summary>
    internal UInt128 Hash() => XxHash128.HashToUInt128(MemoryMarshal.AsBytes(_next.AsSpan()));

    private bool MayGoOn(int task)
    {
        if (_next[task] == _ofTask[task].Length)
            return false;

        int first = _ofTask[task][_next[task]];
        for (int entry = first; entry < EndOf(first); entry++)
        {
            if (_entries[entry].Object is var one and >= 0 && _touched[one] != _ranks[entry])
                return false;
        }

        return true;
    }

    private void Touch(int first)
    {
        for (int entry = first; entry < EndOf(first); entry++)
        {
            if (_entries[entry].Object is var one and >= 0)
                _touched[one]++;
        }
    }

    private int EndOf(int first)
    {
        int end = first + 1;
        while (end < _entries.Count && _entries[end].Kind == OperationKind.None)
            end++;

        return end;
    }
}

/// <summary>What is done of a recording at some moment.</summary>
internal sealed record StepOrderMark(int[] Next, int[] Touched, int Done, int First);
