using Kmaplab.Scheduler.Simulation.Hardware;

namespace Kmaplab.Scheduler.Verification.Runs;

/// <summary>
/// Follows a run as the search saw it, in whose states tasks have other names after every step, and tells what each
/// transition is in the names that tasks have on everybody's machine.
/// </summary>
/// <param name="contexts">Number of contexts.</param>
/// <param name="steps">Who renames; null for a search that does not.</param>
internal sealed class RealNames(int contexts, IRenamedSteps? steps)
{
    private readonly int[] _names = new int[contexts]; // The real number of each context that the search names.

    /// <summary>Goes to the start.</summary>
    internal void Begin()
    {
        for (int context = 0; context < _names.Length; context++)
            _names[context] = context;

        steps?.Reset();
        Follow();
    }

    /// <summary>The real number of a context.</summary>
    internal int Of(int context) => _names[context];

    /// <summary>The next transition of the run.</summary>
    internal Transition Next(Transition transition)
    {
        if (steps is null)
            return transition;

        Transition real = transition.WithSubject(_names[transition.Subject]);
        steps.Perform(transition);
        Follow();
        return real;
    }

    /// <summary>The schedule of which the search saw <paramref name="way"/>.</summary>
    internal Transition[] Of(Transition[] way)
    {
        Begin();
        return [.. way.Select(Next)];
    }

    private void Follow()
    {
        if (steps is null || steps.Canonicalize() is not { Length: > 0 } renamed)
            return;

        int[] before = [.. _names];
        for (int context = 0; context < before.Length; context++)
            _names[renamed[context]] = before[context];
    }
}
