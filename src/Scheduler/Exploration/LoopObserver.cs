using Kmaplab.Scheduler.Detection;
using Kmaplab.Scheduler.Detectors;
using Kmaplab.Scheduler.Simulation;
using Kmaplab.Scheduler.Simulation.Hardware;

namespace Kmaplab.Scheduler.Exploration;

/// <summary>Judges the end of an execution from some step on as an endless loop.</summary>
internal sealed class LoopObserver(Machine machine, int start) : IExecutionObserver
{
    private readonly LoopCheck _check = new(machine);

    public void OnChosen(in SchedulingPoint point, Transition choice)
    {
        if (point.Step >= start)
            _check.Before();
    }

    public void OnPerformed(Machine machine, int step, Transition choice)
    {
        if (step >= start)
            _check.After(choice);
    }

    /// <summary>Lets the machine say what the loop shows.</summary>
    internal void Conclude(FailureClass? expected) => _check.Conclude(expected);
}
