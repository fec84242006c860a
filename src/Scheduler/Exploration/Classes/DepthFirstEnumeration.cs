using System.Threading;
using Kmaplab.Scheduler.Simulation;
using Kmaplab.Scheduler.Simulation.Hardware;
using Kmaplab.Scheduler.Simulation.Memory;

namespace Kmaplab.Scheduler.Exploration.Classes;

/// <summary>
/// Runs every execution of a machine whose executions all end, one after the other, depth first and without any
/// reduction.
/// </summary>
public sealed class DepthFirstEnumeration
{
    private readonly Machine _machine;
    private readonly bool _prunes;
    private readonly HashSet<UInt128> _seen = [];
    private readonly Dictionary<UInt128, CompleteTrace> _traces = [];
    private CancellationToken _cancellation;

    /// <summary>
    /// An enumeration of the executions of a machine that does not fuse.
    /// </summary>
    /// <param name="image">What is booted.</param>
    /// <param name="prunes">Go on from each class of equivalent beginnings once only: that finds every trace, but does
    /// not count executions.</param>
    public DepthFirstEnumeration(MachineImage image, bool prunes)
    {
        ArgumentNullException.ThrowIfNull(image);
        if (image.Options.Fusion)
        {
            throw new ArgumentException(
                "traces are told apart by single steps: the machine must not run on through them", nameof(image));
        }

        _machine = new Machine(image, copyOnResume: true, logsTouches: true);
        _prunes = prunes;
    }

    /// <summary>Executions run to their end.</summary>
    public long Executions { get; private set; }

    /// <summary>The classes of equivalent executions.</summary>
    public IReadOnlyCollection<CompleteTrace> Traces => _traces.Values;

    /// <summary>Runs them all; false if there are more than <paramref name="executionsMax"/>.</summary>
    /// <exception cref="OperationCanceledException">It was interrupted.</exception>
    public bool Run(long executionsMax, CancellationToken cancellation = default)
    {
        _cancellation = cancellation;
        _machine.Reset();
        return Extend(new HappensBefore(_machine), last: -1, preemptions: 0, executionsMax);
    }

    private bool Extend(HappensBefore past, int last, int preemptions, long executionsMax)
    {
        _cancellation.ThrowIfCancellationRequested();
        Transition[] enabled = _machine.Enabled().ToArray();
        if (enabled.Length == 0)
            return Complete(past, preemptions, executionsMax);

        var state = new SavedState(_machine);
        bool couldGoOn = Array.Exists(enabled, transition => transition.IsStepOf(last));
        foreach (Transition next in enabled)
        {
            state.Restore();

            HappensBefore future = past.Clone();
            future.Perform(next);
            if (_prunes && !_seen.Add(future.Fingerprint))
                continue;

            int more = couldGoOn && next.Subject != last ? 1 : 0;
            if (!Extend(future, next.Subject, preemptions + more, executionsMax))
                return false;
        }

        return true;
    }

    private bool Complete(HappensBefore past, int preemptions, long executionsMax)
    {
        if (++Executions > executionsMax)
            return false;

        bool isDeadlock = false;
        for (int task = 0; task < _machine.Tasks.Count; task++)
            isDeadlock |= _machine.Tasks.Status(task) != ContextStatus.Finished;

        if (!_traces.TryGetValue(past.Fingerprint, out CompleteTrace? trace) || preemptions < trace.Preemptions)
            _traces[past.Fingerprint] = new CompleteTrace(isDeadlock, preemptions);

        return true;
    }
}

/// <summary>A class of equivalent executions.</summary>
/// <param name="IsDeadlock">Somebody has not ended, and nobody can go on.</param>
/// <param name="Preemptions">The fewest switches away from a task that could have gone on, over the executions that
/// were run.</param>
public sealed record CompleteTrace(bool IsDeadlock, int Preemptions);
