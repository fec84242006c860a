using System.CommandLine;
using Kmaplab.Scheduler.Kernel;
using Kmaplab.Scheduler.Schedules;
using Kmaplab.Scheduler.Verification;
using Kmaplab.Stress.CommandLine;
using Kmaplab.Stress.Reports.Documents;
using Kmaplab.Stress.Reports.Printing;
using Kmaplab.Stress.Reports.Tables;
using Spectre.Console;

namespace Kmaplab.Stress.Commands.Proofs;

/// <summary>
/// Maps where nested mappings can deadlock: every cell is a proof, and stands next to the classical formula.
/// </summary>
internal sealed class FrontierCommand()
    : LabCommand("frontier", "Map for which sizes nested mappings can deadlock; every cell is a proof")
{
    private const int StarvationTasksMax = 4;

    private readonly Option<int> _tasksMax = NumberOption.Create("--tasks-max", "The most tasks", 1, 8, 6);
    private readonly Option<int> _slotsMax = NumberOption.Create(
        "--slots-max",
        "The most slots; powers of two are tried",
        1,
        16,
        4);
    private readonly Option<int> _depthMax = NumberOption.Create(
        "--depth-max",
        "The most mappings that a task holds at once",
        1,
        4,
        3);
    private readonly Option<long> _maxStates = NumberOption.Create(
        "--max-states",
        "States of a cell after which to give up",
        1L,
        2_000_000_000,
        20_000_000);
    private readonly Option<bool> _starvation = new("--starvation")
    {
        Description =
            "Map instead where a sleeper can be woken for ever and never map: up to 4 tasks, as this needs the whole "
            + "graph",
    };

    protected override void AddOptions(Command command)
    {
        foreach (Option option in (Option[])[_tasksMax, _slotsMax, _depthMax, _maxStates, _starvation])
            command.Options.Add(option);
    }

    internal override int Run(Session session, ParseResult arguments)
    {
        session.PrepareOut();
        var options = new VerifierOptions
        {
            Jobs = session.Jobs,
            StatesMax = arguments.GetValue(_maxStates),
            Fusion = true,
            ShortestWay = false, // Only the verdict is drawn.
            SpillDirectory = Path.Combine(session.Out, "spill"),
        };
        if (arguments.GetValue(_starvation))
            return MapStarvation(
                session,
                options,
                Math.Min(arguments.GetValue(_tasksMax), StarvationTasksMax),
                arguments.GetValue(_slotsMax));

        var cells = new List<FrontierCell>();
        var progress = new ProgressLine(session.Terminal);
        for (int depth = 1; depth <= arguments.GetValue(_depthMax); depth++)
        {
            for (int slots = 1; slots <= arguments.GetValue(_slotsMax); slots *= 2)
            {
                for (
                    int tasks = 1;
                    tasks <= arguments.GetValue(_tasksMax) && !session.Cancellation.IsCancellationRequested;
                    tasks++)
                {
                    progress.Show(() => $"{tasks} tasks, {slots} slots, depth {depth}");
                    cells.Add(SizeProofs.OfNesting(session, options, tasks, slots, depth));
                }
            }
        }

        progress.Clear();
        WriteTable(session, cells);
        string picture = Path.Combine(session.Out, "frontier.svg");
        bool agrees = cells.TrueForAll(cell => cell.Agrees);
        bool isComplete =
            cells.TrueForAll(cell => cell.Verdict != "inconclusive") && !session.Cancellation.IsCancellationRequested;
        session.Text.WriteLine(
            $"{Counted.Of(cells.Count, "cell")}, {cells.Count(cell => cell.Verdict == "inconclusive")} inconclusive, "
            + $"{cells.Count(cell => !cell.Agrees)} against the formula "
            + $"tasks * (depth - 1) >= slots; {Printable.Of(picture)}");
        TellIfInterrupted(session);
        session.WriteJson(
            new FrontierReport([.. cells], agrees, isComplete, picture),
            ReportJson.Default.FrontierReport);
        WholeFile.Write(picture, FrontierMap.Render(cells)); // Last: if it cannot be written, all has been told.
        return !agrees ? ExitCode.Failure : isComplete ? ExitCode.Clean : ExitCode.NoAnswer;
    }

    private static int MapStarvation(Session session, VerifierOptions options, int tasksMax, int slotsMax)
    {
        var cells = new List<StarvationCell>();
        var progress = new ProgressLine(session.Terminal);
        for (int slots = 1; slots <= slotsMax; slots *= 2)
        {
            for (int tasks = 1; tasks <= tasksMax && !session.Cancellation.IsCancellationRequested; tasks++)
            {
                progress.Show(() => $"{tasks} tasks, {slots} slots");
                cells.Add(SizeProofs.OfProgress(session, options, tasks, slots));
            }
        }

        progress.Clear();
        session.Console.Write(StarvationTable.Render(cells));
        bool isComplete =
            cells.TrueForAll(cell => cell.Verdict != "inconclusive") && !session.Cancellation.IsCancellationRequested;
        bool isSound = cells.TrueForAll(cell => cell.Verdict is "free" or "starvation" or "inconclusive");
        session.Text.WriteLine(
            $"{Counted.Of(cells.Count, "cell")}, {cells.Count(cell => cell.Verdict == "inconclusive")} inconclusive; "
                + $"in {cells.Count(cell => cell.Verdict == "starvation")} a fair run wakes a task for ever and never "
                + "lets it map (steps to the loop + once round)");
        TellIfInterrupted(session);
        session.WriteJson(new StarvationReport([.. cells], isComplete), ReportJson.Default.StarvationReport);
        return !isSound ? ExitCode.Failure : isComplete ? ExitCode.Clean : ExitCode.NoAnswer;
    }

    private static void TellIfInterrupted(Session session)
    {
        if (session.Cancellation.IsCancellationRequested)
            session.Text.WriteLine("  interrupted: these are the cells until then");
    }

    private static void WriteTable(Session session, List<FrontierCell> cells)
    {
        int[] tasks = [.. cells.Select(cell => cell.Tasks).Distinct()];
        Table table = new Table().Border(TableBorder.Simple).AddColumns("depth", "slots");
        table.AddColumns([.. tasks.Select(count => count == 1 ? "1 task" : $"{count} tasks")]);
        foreach (IGrouping<(int Depth, int Slots), FrontierCell> row in cells.GroupBy(cell => (cell.Depth, cell.Slots)))
            table.AddRow([
                $"{row.Key.Depth}",
                $"{row.Key.Slots}",
                .. row.Select(cell => cell.Agrees ? cell.Verdict : $"{cell.Verdict} (!)"),
            ]);

        session.Console.Write(table);
    }
}
