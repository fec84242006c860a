using Kmaplab.Scheduler.Detection;

namespace Kmaplab.Scheduler.Simulation.Hardware;

/// <summary>Where the parts of a machine say what is wrong, and how they name whom and where.</summary>
internal interface IContextReports
{
    /// <summary>Records what is wrong; only the first finding of an execution counts.</summary>
    void Report(FailureClass failure, string message);

    /// <summary>The name of a context: "task 1".</summary>
    string NameOf(int context);

    /// <summary>What the scenario has called a task or an interrupt.</summary>
    string NameAtSpawn(int context);

    /// <summary>The name of a word of kernel memory: pkmap_count[3].</summary>
    string NameOfWord(int address);

    /// <summary>The call chain of the context that runs, as one line.</summary>
    string RunningChain();

    /// <summary>
    /// The call chain of any context, as one line; of one that has ended, its name and that it has ended.
    /// </summary>
    string PlaceOf(int context);
}
