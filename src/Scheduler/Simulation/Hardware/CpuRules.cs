namespace Kmaplab.Scheduler.Simulation.Hardware;

/// <summary>What the processors of a machine do by themselves.</summary>
/// <param name="IsPinned">Every task has a CPU to itself, and steps of tasks are all that happens there.</param>
/// <param name="HasOwnCpus">Every task has a CPU of its own and never leaves it.</param>
/// <param name="Preempts">CONFIG_PREEMPT.</param>
/// <param name="HasInterrupts">Interrupts may fire.</param>
internal readonly record struct CpuRules(bool IsPinned, bool HasOwnCpus, bool Preempts, bool HasInterrupts)
{
    /// <summary>
    /// Whether nobody can come between two steps of a task on its CPU, so that a place for that is none.
    /// </summary>
    internal bool IsCpuAlone => IsPinned || (!HasInterrupts && (HasOwnCpus || !Preempts));

    /// <summary>What a spin lock adds to preempt_count.</summary>
    internal int PreemptOffset => Preempts ? 1 : 0;
}
