using System.Threading;
using Kmaplab.Scheduler.Detection;
using Kmaplab.Scheduler.Simulation;
using Kmaplab.Scheduler.Simulation.Hardware;

namespace Kmaplab.Scheduler.Minimization;

/// <summary>Finds the smallest schedule that shows a failure of the same class, and what in it matters.</summary>
/// <param name="boot">Boots the machine; twice the same.</param>
/// <param name="failure">The class.</param>
/// <param name="options">How much work it may be.</param>
public sealed class Minimizer(Func<MachineImage> boot, FailureClass failure, MinimizerOptions options)
{
    /// <summary>
    /// Makes a failing schedule as small as can be; null if it does not show the failure (any more).
    /// </summary>
    /// <exception cref="OperationCanceledException">It was interrupted.</exception>
    public MinimizationReport? Run(ReadOnlySpan<Transition> schedule, CancellationToken cancellation = default) =>
        SearchAll(schedule, cancellation) is { } shrunk
            ? Explain(shrunk.IsProved ? shrunk : Try(shrunk, cancellation), cancellation)
            : null;

    /// <summary>
    /// The same for an endless run that ends with a loop: nothing is proved of it, and neither has it two steps that
    /// matter nor a step after which it is sure.
    /// </summary>
    /// <exception cref="OperationCanceledException">It was interrupted.</exception>
    internal MinimizationReport? RunLoop(
        ReadOnlySpan<Transition> schedule, int loop, CancellationToken cancellation) =>
        JudgeLoop(schedule, loop, cancellation) is { } given ? ShrinkLoop(given, cancellation) : null;

    /// <summary>An endless run as it is; null if it does not show the failure (any more).</summary>
    internal FailingLoop? JudgeLoop(ReadOnlySpan<Transition> schedule, int loop, CancellationToken cancellation) =>
        new LoopShrinking(boot(), failure, options, cancellation).Judge(schedule, loop);

    /// <summary>Makes an endless run small.</summary>
    internal MinimizationReport ShrinkLoop(FailingLoop given, CancellationToken cancellation)
    {
        var shrinking = new LoopShrinking(boot(), failure, options, cancellation);
        FailingLoop smallest = shrinking.Shrink(given);

        // What is told was seen on a machine booted anew, whatever found it.
        var again = new LoopShrinking(boot(), failure, options, cancellation);
        if (again.Judge(smallest.Run.Schedule, smallest.Loop) is null)
            throw DoesNotReplay(smallest.Run);

        return new MinimizationReport
        {
            Given = given.Run,
            Smallest = smallest.Run,
            Loop = smallest.Loop,
            IsProved = false,
            PreemptionsAtLeast = 0,
            States = shrinking.Visited,
            Pair = null,
            NoReturn = null,
        };
    }

    /// <summary>
    /// The smallest schedule of all, if the limits allow to search for it; else the given one. Null if that does not
    /// show the failure (any more).
    /// </summary>
    internal Shrunk? SearchAll(ReadOnlySpan<Transition> schedule, CancellationToken cancellation)
    {
        MachineImage image = boot();
        if (new ScheduleTrial(image, failure, options.StepsMax).RunExactly(schedule) is not { } given)
            return null;

        var search = new LeastSchedule(image, failure, options);
        Failing? least = search.Find(cancellation);
        return new Shrunk(given, least ?? given, least is not null, search.PreemptionsAtLeast, search.Visited);
    }

    /// <summary>Makes the smallest schedule so far smaller by trying.</summary>
    internal Shrunk Try(Shrunk shrunk, CancellationToken cancellation)
    {
        var trial = new ScheduleTrial(boot(), failure, options.StepsMax);
        return shrunk with
        {
            Smallest = new ScheduleShrinking(trial, options, cancellation).Shrink(shrunk.Smallest),
        };
    }

    /// <summary>What in the smallest schedule matters.</summary>
    internal MinimizationReport Explain(Shrunk shrunk, CancellationToken cancellation)
    {
        CheckThatItFails(shrunk.Smallest);
        MachineImage image = boot();
        Transition[] schedule = shrunk.Smallest.Schedule;
        return new MinimizationReport
        {
            Given = shrunk.Given,
            Smallest = shrunk.Smallest,
            IsProved = shrunk.IsProved,
            PreemptionsAtLeast = shrunk.PreemptionsAtLeast,
            States = shrunk.States,
            Pair = CriticalPair.Find(
                image, new ScheduleTrial(image, failure, options.StepsMax), schedule, options),
            NoReturn = PointOfNoReturn.Of(image, schedule, failure, options, cancellation),
        };
    }

    // What is told was seen on a machine booted anew, whatever found it.
    private void CheckThatItFails(Failing smallest)
    {
        Failing? again = new ScheduleTrial(boot(), failure, options.StepsMax).RunExactly(smallest.Schedule);
        if (again is null || again.Preemptions != smallest.Preemptions)
            throw DoesNotReplay(smallest);
    }

    private InvalidOperationException DoesNotReplay(Failing smallest) => new(
        $"the minimal schedule ({smallest.Steps} steps to {failure.Name()}) does not replay: "
        + "the search is wrong, please report it");
}

/// <summary>How small a failing schedule can be; see <see cref="MinimizationReport"/>.</summary>
internal sealed record Shrunk(Failing Given, Failing Smallest, bool IsProved, int PreemptionsAtLeast, int States);

/// <summary>What a <see cref="Minimizer"/> has found.</summary>
public sealed record MinimizationReport
{
    /// <summary>The schedule that was given.</summary>
    public required Failing Given { get; init; }

    /// <summary>The smallest one that was found: fewest preemptions first, then fewest steps.</summary>
    public required Failing Smallest { get; init; }

    /// <summary>Transitions at its end that are gone round for ever; 0 for a run that ends.</summary>
    public int Loop { get; init; }

    /// <summary>There is none with fewer preemptions, and none with as many and fewer steps.</summary>
    public required bool IsProved { get; init; }

    /// <summary>No schedule with fewer preemptions shows the failure.</summary>
    public required int PreemptionsAtLeast { get; init; }

    /// <summary>
    /// States that the exact search has visited, each counted for every context that can have stepped last.
    /// </summary>
    public required int States { get; init; }

    /// <summary>The two steps whose order makes the failure; null if no two do.</summary>
    public required CriticalPair? Pair { get; init; }

    /// <summary>How sure the failure is after each step of the smallest schedule; null for an endless run.</summary>
    public required PointOfNoReturn? NoReturn { get; init; }
}
