using Kmaplab.Scheduler.Kernel;

namespace Kmaplab.Scheduler.Simulation.Operations;

/// <summary>
/// Watches one machine closely: for traces, comparisons and pictures. A machine without one pays nothing for it.
/// </summary>
public interface IMachineObserver
{
    /// <summary>A context has performed an operation.</summary>
    void OnOperation(int context, in PerformedOperation operation);

    /// <summary>
    /// The running code of a context is about to touch kernel memory plainly, or to perform an operation without
    /// stopping in front of it.
    /// </summary>
    void OnPlainAccess(int context)
    {
    }

    /// <summary>
    /// A task has become RUNNING by a wake-up; <paramref name="slept"/> unless it had only prepared to sleep.
    /// </summary>
    void OnWoken(int task, bool slept);

    /// <summary>Something countable has happened.</summary>
    void OnCount(KernelEvent what);

    /// <summary>A CPU has forgotten one translation (invlpg).</summary>
    void OnTlbFlushOne(VirtualPage page)
    {
    }

    /// <summary>A check of the kernel's own has failed; <paramref name="code"/> is function:check.</summary>
    void OnBug(int context, string code)
    {
    }

    /// <summary>A task has finished one of its operations.</summary>
    void OnOperationDone(int context);
}
