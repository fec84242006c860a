using Kmaplab.Scheduler.Simulation;
using Kmaplab.Scheduler.Simulation.Hardware;

namespace Kmaplab.Scheduler.Exploration;

/// <summary>Counts how often an execution switches away from a context that could have gone on.</summary>
public sealed class PreemptionCounter : IExecutionObserver
{
    private LastRunner _last;

    /// <summary>How often the latest execution did.</summary>
    public int Preemptions { get; private set; }

    /// <inheritdoc/>
    public void OnBegin(Machine machine) => (_last, Preemptions) = (LastRunner.Nobody, 0);

    /// <inheritdoc/>
    public void OnChosen(in SchedulingPoint point, Transition choice)
    {
        if (_last.IsPreemptedBy(choice, point.Enabled))
            Preemptions++;

        _last = _last.After(choice);
    }
}
