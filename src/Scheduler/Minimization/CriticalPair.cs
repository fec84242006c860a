using Kmaplab.Scheduler.Exploration;
using Kmaplab.Scheduler.Schedules;
using Kmaplab.Scheduler.Simulation;
using Kmaplab.Scheduler.Simulation.Hardware;

namespace Kmaplab.Scheduler.Minimization;

/// <summary>Two steps of a failing schedule without whose order nothing fails.</summary>
/// <param name="First">The one that comes first.</param>
/// <param name="Second">The other one, of another context.</param>
/// <param name="About">What both stand in front of: a lock, a queue, a word, the TLBs; empty if they meet in what they
/// do on their way.</param>
public sealed record CriticalPair(CriticalStep First, CriticalStep Second, string About)
{
    /// <summary>The schedule with the two the other way round, to its end, which shows no such failure.</summary>
    internal Transition[] Passing { get; init; } = [];

    /// <summary>
    /// The nearest two steps, and of those the last, which the other way round lead to no failure of this class; null
    /// if there are none.
    /// </summary>
    /// <remarks>
    /// The second one, with what its context does between the two, is put before the first; the rest of the schedule is
    /// followed where that is possible, and then everybody runs on in turn. Hermit, a deterministic container for
    /// Linux, tells root causes in this form.
    /// </remarks>
    internal static CriticalPair? Find(
        MachineImage image, ScheduleTrial trial, Transition[] schedule, MinimizerOptions options)
    {
        var machine = new Machine(image);
        Transition[] passing = [];
        (int First, Transition[] Steps)? found = NearestPair() ?? NearestToWhatNeverHappens();
        return found is { } pair
            ? Describe(machine, pair.Steps, pair.First, schedule.Length) with { Passing = passing }
            : null;

        (int, Transition[])? NearestPair()
        {
            for (int distance = 1; distance < schedule.Length; distance++)
            {
                for (int first = schedule.Length - 1 - distance; first >= 0; first--)
                {
                    Transition[] steps = schedule[..(first + distance + 1)];
                    if (HangsOn(first, steps, schedule[steps.Length..]))
                        return (first, steps);
                }
            }

            return null;
        }

        // Who is stuck at the end would have gone on if he had come before somebody.
        (int, Transition[])? NearestToWhatNeverHappens()
        {
            for (int first = schedule.Length - 1; first >= 0; first--)
            {
                for (int context = 0; context < machine.Tasks.Contexts; context++)
                {
                    Transition[] steps = [.. schedule, Transition.Step(context)];
                    if (HangsOn(first, steps, []))
                        return (first, steps);
                }
            }

            return null;
        }

        bool HangsOn(int first, Transition[] steps, Transition[] rest)
        {
            bool canBe = steps[first].IsStep && steps[^1].IsStep && steps[first].Subject != steps[^1].Subject;
            bool hangs = canBe
                && trial.Trials < options.TrialsMax
                && Exchanged(machine, steps, first) is { } exchanged
                && trial.Run([.. exchanged, .. rest]) is null;
            if (hangs)
                passing = trial.Schedule.ToArray();

            return hangs;
        }
    }

    /// <summary>
    /// The steps with the last one, and what its context does after the first one, before that; null if it cannot
    /// happen there.
    /// </summary>
    private static Transition[]? Exchanged(Machine machine, Transition[] steps, int first)
    {
        int mover = steps[^1].Subject;
        Transition[] between = steps[first..];
        Transition[] moved = [.. between.Where(IsMoved)];
        RunTo(machine, steps, first);
        foreach (Transition transition in moved)
        {
            if (machine.Finding is not null || !machine.Enabled().Contains(transition))
                return null;

            machine.Perform(transition);
        }

        return [.. steps[..first], .. moved, .. between.Where(transition => !IsMoved(transition))];

        bool IsMoved(Transition transition) => transition.IsStep && transition.Subject == mover;
    }

    private static CriticalPair Describe(Machine machine, Transition[] steps, int first, int length)
    {
        int second = steps.Length - 1;
        RunTo(machine, steps, first);
        PendingAccess one = PendingAccess.Of(machine, steps[first]);
        CriticalStep before = CriticalStep.Of(machine, steps[first], first);
        RunTo(machine, steps, second);
        PendingAccess other = PendingAccess.Of(machine, steps[second]);
        CriticalStep after = CriticalStep.Of(machine, steps[second], second);
        return new CriticalPair(
            before,
            second < length ? after : after with { Number = 0 },
            one.Object == other.Object ? NameOf(machine, one) : "");
    }

    private static string NameOf(Machine machine, PendingAccess access) => access.Object switch
    {
        PendingAccess.Nothing => "",
        < 0 => "the TLBs",
        var address => machine.Image.NameOf(address),
    };

    private static void RunTo(Machine machine, Transition[] schedule, int step)
    {
        machine.Reset();
        for (int i = 0; i < step; i++)
            machine.Perform(schedule[i]);
    }
}

/// <summary>One of the steps of a <see cref="CriticalPair"/>.</summary>
/// <param name="Number">Its number in the schedule, from 1; 0 for one that never happens, as its context is stuck in
/// front of it.</param>
/// <param name="Context">Who makes it.</param>
/// <param name="Name">Who that is, for people.</param>
/// <param name="Text">What it begins with, in the kernel's words.</param>
/// <param name="Function">The kernel function in which it does; empty if it is in none.</param>
public sealed record CriticalStep(int Number, int Context, string Name, string Text, string Function)
{
    internal static CriticalStep Of(Machine machine, Transition transition, int step) => new(
        step + 1,
        transition.Subject,
        machine.NameOf(transition.Subject),
        transition.Kind == TransitionKind.Step
            ? OperationText.Describe(machine, transition.Subject)
            : OperationText.Describe(machine, transition),
        machine.CallChain(transition.Subject) is [var innermost, ..] ? innermost : "");
}
