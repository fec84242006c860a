using Kmaplab.Scheduler.Playing;
using Kmaplab.Scheduler.Simulation.Hardware;
using Kmaplab.Scheduler.Traces;
using Kmaplab.Stress.Screens;
using Spectre.Console;

namespace Kmaplab.Stress.Playing;

/// <summary>
/// The contexts, each with what it does and is about to do, and where it stands; then whatever else may happen.
/// </summary>
internal static class TaskRows
{
    private const int CpuColumn = 14;
    private const int ActivityColumn = 21;
    private const int PendingColumn = 33;

    /// <param name="session">What is shown.</param>
    /// <param name="moment">Which row is picked, among others.</param>
    /// <param name="picked">The line of the picked row.</param>
    internal static List<ScreenLine> Draw(PlaySession session, PlayMoment moment, out int picked)
    {
        var lines = new List<ScreenLine>();
        picked = 0;
        for (int context = 0; context < session.Contexts; context++)
        {
            ContextMoment now = session.Look(context);
            if (now.Activity == ContextActivity.Idle)
                continue;

            bool isPicked = moment.Move is { Transition.Kind: TransitionKind.Step } move && move.Context == context;
            if (isPicked)
                picked = lines.Count;

            bool canStep = session.Enabled.Contains(Transition.Step(context));
            lines.Add(Row(session.NameOf(context), context, now, canStep, isPicked));
            if (now.Calls.Count > 0)
                lines.Add(new ScreenLine().Add($"{"",PendingColumn}in {Chain(now)}", Styles.Dim));
        }

        foreach (PlayMove move in moment.Moves.Where(move => move.Transition.Kind != TransitionKind.Step))
        {
            bool isPicked = move == moment.Move;
            if (isPicked)
                picked = lines.Count;

            lines.Add(Mark(isPicked).Add($"  {WhoOf(session, move)}{session.Describe(move.Transition)}", Of(isPicked)));
        }

        return lines;
    }

    private static ScreenLine Row(string name, int context, ContextMoment now, bool canStep, bool isPicked)
    {
        ScreenLine line = Mark(isPicked)
            .Add($"{context,2} ", canStep ? Styles.Picked : Styles.Stopped)
            .Add(name, Of(isPicked))
            .PadTo(CpuColumn)
            .Add(now.Cpu < 0 ? "" : $"CPU {now.Cpu}")
            .PadTo(ActivityColumn)
            .Add(Word(now, canStep), canStep ? Styles.Runs : Styles.Stopped)
            .PadTo(PendingColumn)
            .Add(now.Pending, Of(isPicked));
        return now.WaitsFor.Length > 0 && !now.Pending.Contains(now.WaitsFor, StringComparison.Ordinal)
            ? line.Add($"  (for {now.WaitsFor})")
            : line;
    }

    private static ScreenLine Mark(bool isPicked) => new ScreenLine().Add(isPicked ? ">" : " ", Styles.Picked);

    private static Style Of(bool isPicked) => isPicked ? Styles.Picked : Style.Plain;

    private static string Word(ContextMoment now, bool canStep) => now.Activity switch
    {
        ContextActivity.Ready => "has no CPU",
        ContextActivity.Running when canStep => "can go on",
        ContextActivity.Running => "stands",
        ContextActivity.Spinning => "spins",
        ContextActivity.Waiting => "waits",
        ContextActivity.Asleep => "sleeps",
        ContextActivity.Interrupted => "interrupted",
        ContextActivity.Ended => "has ended",
        _ => "dead",
    };

    // A choice says who has it; the rest names its CPU itself.
    private static string WhoOf(PlaySession session, PlayMove move) =>
        move.Transition.Kind is TransitionKind.Choose or TransitionKind.Dispatch or TransitionKind.Preempt
        && move.Context >= 0
            ? $"{session.NameOf(move.Context)} "
            : "";

    private static string Chain(ContextMoment now) =>
        string.Join(" <- ", now.Calls.Select((call, index) => index == 0 ? $"{call}" : call.Function));
}
