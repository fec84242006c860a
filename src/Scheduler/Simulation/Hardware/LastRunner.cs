namespace Kmaplab.Scheduler.Simulation.Hardware;

/// <summary>
/// The context that has stepped last, from which the next transition may take the turn although it could go on: a
/// preemption.
/// </summary>
/// <param name="Context">Its number; -1 before the first step, and after an interrupt, which was counted when it
/// fired.</param>
internal readonly record struct LastRunner(int Context)
{
    /// <summary>Nobody who could be preempted.</summary>
    internal static LastRunner Nobody { get; } = new(-1);

    /// <summary>Whether a transition, one of the enabled ones, is a preemption.</summary>
    internal bool IsPreemptedBy(Transition next, ReadOnlySpan<Transition> enabled)
    {
        if (next.Kind is TransitionKind.Preempt or TransitionKind.Interrupt)
            return true;

        if (!next.IsStep || Context < 0 || next.Subject == Context)
            return false;

        foreach (Transition transition in enabled)
        {
            if (transition.IsStepOf(Context))
                return true;
        }

        return false;
    }

    /// <summary>Who has stepped last after a transition.</summary>
    internal LastRunner After(Transition transition) =>
        transition.IsStep ? new LastRunner(transition.Subject)
        : transition.Kind == TransitionKind.Interrupt ? Nobody
        : this;
}
