using System.CommandLine;
using System.Diagnostics;
using Kmaplab.Scheduler.Kernel;
using Kmaplab.Stress.CommandLine;
using Kmaplab.Stress.Reports.Documents;
using Kmaplab.Stress.Reports.Printing;
using Kmaplab.Stress.Selfcheck;
using Kmaplab.Stress.Selfcheck.Sections;
using Spectre.Console;

namespace Kmaplab.Stress.Commands;

/// <summary>
/// For whoever doubts the laboratory: compares it with itself and with what was counted otherwise, and shows mistakes
/// to its detectors.
/// </summary>
internal sealed class SelfcheckCommand()
    : LabCommand("selfcheck", "Check the laboratory itself: counts, traces, reductions on and off, detectors, replays")
{
    private const int ProblemsShown = 10;

    private readonly Option<int> _pairs = NumberOption.Create(
        "--pairs",
        "Random scenarios, sizes and variants to verify with and without each reduction, and as many random programs",
        1,
        1_000_000,
        300);
    private readonly Option<int> _programs = NumberOption.Create(
        "--programs",
        "Random programs to count by brute force",
        0,
        1_000_000,
        200);

    protected override void AddOptions(Command command)
    {
        command.Options.Add(_pairs);
        command.Options.Add(_programs);
    }

    internal override int Run(Session session, ParseResult arguments)
    {
        var progress = new ProgressLine(session.Terminal);
        var run = new SelfcheckRun(session.Catalogue, session.Seed, session.Jobs, session.Cancellation)
        {
            Strategies = session.Strategies,
            Pairs = arguments.GetValue(_pairs),
            OraclePrograms = arguments.GetValue(_programs),
            Progress = progress.Show,
        };
        var checks = new List<SelfcheckResult>();
        foreach (SelfcheckSection section in Sections())
        {
            var watch = Stopwatch.StartNew();
            SectionResult result = section.Run(run);
            progress.Clear();
            checks.Add(
                new SelfcheckResult(
                    section.Name,
                    result.Passed,
                    result.Detail,
                    section.What,
                    result.Checked,
                    result.IsWhole,
                    [.. result.Problems],
                    watch.Elapsed.TotalSeconds));
        }

        bool isInterrupted = session.Cancellation.IsCancellationRequested;
        Write(session, checks);
        session.WriteJson(new SelfcheckReport([.. checks], isInterrupted), ReportJson.Default.SelfcheckReport);
        if (checks.Exists(check => check.Problems.Length > 0))
            return ExitCode.Failure;

        return isInterrupted ? ExitCode.NoAnswer
            : checks.TrueForAll(check => check.Passed) ? ExitCode.Clean
            : ExitCode.Failure;
    }

    // Replays come last: they count what the others have found.
    private static SelfcheckSection[] Sections() =>
    [
        new OracleSection(),
        new ConformanceSection(),
        new DetectorsSection(),
        new StrategiesSection(),
        new ReductionsSection(),
        new LittleProgramsSection(),
        new ReplaysSection(),
    ];

    private static void Write(Session session, List<SelfcheckResult> checks)
    {
        Table table = new Table()
            .Border(TableBorder.Simple)
            .AddColumns("check", "checked", "wrong", "what was checked", "seconds");
        foreach (SelfcheckResult check in checks)
        {
            string what = $"{check.What}: {check.Detail}";
            table.AddRow(
                check.Name,
                $"{check.Checked}",
                check.Problems.Length > 0 ? $"{check.Problems.Length}" : "none",
                Markup.Escape(what),
                $"{check.Seconds:f1}");
        }

        session.Console.Write(table);
        foreach (SelfcheckResult check in checks)
        {
            foreach (string problem in check.Problems.Take(ProblemsShown))
                session.Text.WriteLine($"{check.Name}: {problem}");

            if (check.Problems.Length > ProblemsShown)
                session.Text.WriteLine(
                    $"{check.Name}: and {check.Problems.Length - ProblemsShown} more (--json tells all)");
        }

        int wrong = checks.Sum(check => check.Problems.Length);
        int empty = checks.Count(check => check.Checked == 0);
        session.Text.WriteLine(
            wrong > 0 ? $"{Counted.Of(wrong, "thing")} not as it must be: please report it, with this output"
            : checks.Exists(check => !check.IsWhole) ? "interrupted: what was checked until then was as it must be"
            : empty > 0 ? $"{Counted.Of(empty, "check")} had nothing to check, which must not be"
            : "All checks hold");
    }
}
