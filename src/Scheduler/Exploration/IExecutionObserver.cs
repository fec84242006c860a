using Kmaplab.Scheduler.Simulation;
using Kmaplab.Scheduler.Simulation.Hardware;

namespace Kmaplab.Scheduler.Exploration;

/// <summary>Is told what an <see cref="Execution"/> does, step by step.</summary>
public interface IExecutionObserver
{
    /// <summary>The machine has been booted.</summary>
    void OnBegin(Machine machine)
    {
    }

    /// <summary>A transition is going to be performed.</summary>
    void OnChosen(in SchedulingPoint point, Transition choice)
    {
    }

    /// <summary>It has been performed.</summary>
    /// <param name="machine">The machine.</param>
    /// <param name="step">The number of transitions before it.</param>
    /// <param name="choice">What was performed.</param>
    void OnPerformed(Machine machine, int step, Transition choice)
    {
    }
}
