using Kmaplab.Scheduler.Exploration.Looks;
using Kmaplab.Scheduler.Simulation;
using Kmaplab.Scheduler.Simulation.Hardware;
using Kmaplab.Scheduler.Traces;

namespace Kmaplab.Scheduler.Minimization;

/// <summary>Two steps of a failing schedule without whose order nothing fails.</summary>
/// <param name="First">The one that comes first; where a context is interrupted or preempted, that.</param>
/// <param name="Second">The other one, of another context.</param>
/// <param name="About">What both stand in front of: a lock, a queue, a word, the TLBs; empty if they meet in what they
/// do on their way.</param>
public sealed record CriticalPair(CriticalStep First, CriticalStep Second, string About)
{
    private const int StepsToGo = 32; // Behind an interruption.

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
        (int First, Transition[] Steps)? found =
            NearestPair() ?? NearestToWhatNeverHappens() ?? NearestBehindInterruption();
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

        // Where contexts share a CPU it is the moment at which one had to stand back: some steps later nothing fails.
        (int, Transition[])? NearestBehindInterruption()
        {
            for (int first = schedule.Length - 1; first >= 0; first--)
            {
                if (StoppedBy(machine, schedule, first) is not (>= 0 and var stopped))
                    continue;

                for (int more = 1; more <= StepsToGo; more++)
                {
                    Transition[] steps = UpToStep(schedule, first, stopped, more);
                    if (HangsOn(first, steps, steps.Length < schedule.Length ? schedule[steps.Length..] : []))
                        return (first, steps);
                }
            }

            return null;
        }

        bool HangsOn(int first, Transition[] steps, Transition[] rest)
        {
            bool isExchange = steps[first].IsStep
                ? steps[first].Subject != steps[^1].Subject
                : steps[first].Kind is TransitionKind.Interrupt or TransitionKind.Preempt;
            bool hangs = isExchange
                && steps[^1].IsStep
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

    /// <summary>
    /// The context that a transition interrupts or preempts; -1 if it is none of these, or nobody runs there.
    /// </summary>
    private static int StoppedBy(Machine machine, Transition[] schedule, int step)
    {
        if (schedule[step].Kind is not (TransitionKind.Interrupt or TransitionKind.Preempt))
            return -1;

        RunTo(machine, schedule, step);
        return machine.Cpus.Current(schedule[step].Subject);
    }

    /// <summary>
    /// The schedule up to a step of a context, counted from some place on; with steps that it never makes behind it, if
    /// it does not make so many.
    /// </summary>
    private static Transition[] UpToStep(Transition[] schedule, int from, int context, int steps)
    {
        for (int i = from; i < schedule.Length; i++)
        {
            if (schedule[i].IsStepOf(context) && --steps == 0)
                return schedule[..(i + 1)];
        }

        return [.. schedule, .. Enumerable.Repeat(Transition.Step(context), steps)];
    }

    private static CriticalPair Describe(Machine machine, Transition[] steps, int first, int length)
    {
        int second = steps.Length - 1;
        RunTo(machine, steps, first);
        PendingAccess one = PendingAccess.Of(machine, steps[first]);
        CriticalStep before = CriticalStep.Of(machine, steps[first], first);
        if (steps.Length > length + 1)
            RunMoved(machine, steps, first); // There is no such state on the schedule.
        else
            RunTo(machine, steps, second);

        PendingAccess other = PendingAccess.Of(machine, steps[second]);
        CriticalStep after = CriticalStep.Of(machine, steps[second], second);
        return new CriticalPair(
            before,
            second < length ? after : after with { Number = 0 },
            one.Object == other.Object ? NameOf(machine, one) : "");
    }

    private static void RunMoved(Machine machine, Transition[] steps, int first)
    {
        foreach (Transition transition in steps[first..^1].Where(transition => transition.IsStepOf(steps[^1].Subject)))
            machine.Perform(transition);
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
    internal static CriticalStep Of(Machine machine, Transition transition, int step)
    {
        int context = transition.IsStep ? transition.Subject : machine.Cpus.Current(transition.Subject);
        string text = transition.Kind switch
        {
            TransitionKind.Step => OperationText.Describe(machine, context),
            TransitionKind.Interrupt => $"is interrupted by {machine.Image.Interrupts[transition.Argument].Name}",
            _ => OperationText.Describe(machine, transition),
        };
        return new CriticalStep(
            step + 1,
            context,
            machine.NameOf(context),
            text,
            machine.CallChain(context) is [var innermost, ..] ? innermost : "");
    }
}
