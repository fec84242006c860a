using Kmaplab.Scheduler.Detection;
using Kmaplab.Scheduler.Simulation.Hardware;

namespace Kmaplab.Scheduler.Simulation.Memo;

/// <summary>The machine whose steps are looked up, as far as that has to know it.</summary>
internal interface IStepPerformer
{
    /// <summary>What is wrong with the execution; null if nothing is.</summary>
    Finding? Finding { get; }

    /// <summary>Performs a transition, and looks nothing up.</summary>
    void PerformItself(Transition transition);
}
