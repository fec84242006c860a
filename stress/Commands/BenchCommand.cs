using System.CommandLine;
using System.Threading;
using BenchmarkDotNet.Columns;
using BenchmarkDotNet.Configs;
using BenchmarkDotNet.Exporters;
using BenchmarkDotNet.Exporters.Json;
using BenchmarkDotNet.Filters;
using BenchmarkDotNet.Jobs;
using BenchmarkDotNet.Loggers;
using BenchmarkDotNet.Reports;
using BenchmarkDotNet.Running;
using BenchmarkDotNet.Toolchains.InProcess.Emit;
using Kmaplab.Scheduler.Detection;
using Kmaplab.Stress.Benchmarks;
using Kmaplab.Stress.Benchmarks.Loads;
using Kmaplab.Stress.CommandLine;
using Kmaplab.Stress.Reports.Documents;
using Kmaplab.Stress.Reports.Printing;

namespace Kmaplab.Stress.Commands;

/// <summary>Runs the BenchmarkDotNet benchmarks, in this process, with their own reports.</summary>
internal sealed class BenchCommand() : LabCommand("bench", "Run the benchmarks (BenchmarkDotNet)")
{
    // What takes many minutes: * alone does not mean it.
    private static readonly Type[] s_ifNamed = [typeof(ThreadGridBenchmarks), typeof(RealMemoryGridBenchmarks)];

    private static readonly Type[] s_families =
    [
        typeof(ExplorationBenchmarks),
        typeof(StrategyBenchmarks),
        typeof(VerificationBenchmarks),
        typeof(PairBenchmarks),
        typeof(AtomicBenchmarks),
        typeof(ThreadBenchmarks),
        typeof(WakeupBenchmarks),
        typeof(RealMemoryBenchmarks),
        .. s_ifNamed,
    ];

    private readonly Option<string> _filter = new("--filter")
    {
        Description = "Which benchmarks, by name; '*Grid*' for all sizes of working sets and slots, which take long",
        HelpName = "GLOB",
        DefaultValueFactory = _ => "*",
    };

    protected override void AddOptions(Command command) => command.Options.Add(_filter);

    internal override int Run(Session session, ParseResult arguments)
    {
        string reports = Path.Combine(session.Out, "benchmarks");
        string? problem = NativeKmaps.Problem;
        BenchmarkRunInfo[] benchmarks = Find(
            arguments.GetValue(_filter)!, Configure(session.Text, reports), problem, session.Text);
        session.PrepareOut();

        if (session.Cancellation.IsCancellationRequested)
            return Interrupted(session, reports);

        // A benchmark cannot be stopped, so Ctrl-C leaves it behind.
        Task<Summary[]> running = Task.Factory.StartNew(
            () => BenchmarkRunner.Run(benchmarks),
            CancellationToken.None,
            TaskCreationOptions.LongRunning,
            TaskScheduler.Default);
        try
        {
            running.Wait(session.Cancellation);
        }
        catch (OperationCanceledException)
        {
            return Interrupted(session, reports);
        }

        BenchmarkReport[] results = [.. running.Result.SelectMany(summary => summary.Reports)];
        foreach (string plot in ThreadPlots.Write(reports, results))
            session.Text.WriteLine($"plot: {Printable.Of(plot)}");

        session.WriteJson(
            new BenchReport(
                [.. results.Where(report => report.ResultStatistics is not null).Select(Describe)],
                reports),
            ReportJson.Default.BenchReport);
        bool hasFailed =
            running.Result.Any(summary => summary.HasCriticalValidationErrors)
            || results.Any(report => !report.Success);
        return hasFailed ? ExitCode.Failure : ExitCode.Clean;
    }

    private static int Interrupted(Session session, string reports)
    {
        session.Text.WriteLine("interrupted: the benchmarks have no result");
        session.WriteJson(new BenchReport([], reports), ReportJson.Default.BenchReport);
        return ExitCode.NoAnswer;
    }

    /// <summary>The benchmarks that a filter names; those in C only if nothing is in their way.</summary>
    internal static BenchmarkRunInfo[] Find(string filter, ManualConfig config, string? problem, TextWriter text)
    {
        IEnumerable<string> names = s_families
            .SelectMany(family => BenchmarkConverter.TypeToBenchmarks(family, config).BenchmarksCases)
            .Select(NameOf)
            .Distinct();
        string known = string.Join(", ", names);
        ManualConfig filtered = config.AddFilter(new GlobFilter([filter]));
        BenchmarkRunInfo[] chosen =
        [
            .. s_families
                .Where(family => filter.Trim('*').Length > 0 || !s_ifNamed.Contains(family))
                .Select(family => BenchmarkConverter.TypeToBenchmarks(family, filtered))
                .Where(family => family.BenchmarksCases.Length > 0),
        ];
        if (chosen.Length == 0)
            throw new UsageException(
                $"--filter '{filter}' fits no benchmark: there is {known}, and * stands for anything");

        return problem is null ? chosen : WithoutC(filter, chosen, problem, text);
    }

    private static BenchmarkRunInfo[] WithoutC(
        string filter, BenchmarkRunInfo[] chosen, string problem, TextWriter text)
    {
        BenchmarkRunInfo[] left =
        [
            .. chosen
                .Select(family => new BenchmarkRunInfo(
                    [.. family.BenchmarksCases.Where(one => !NativeBaseline.IsIn(one.Descriptor.WorkloadMethod))],
                    family.Type,
                    family.Config))
                .Where(family => family.BenchmarksCases.Length > 0),
        ];
        if (left.Length == 0)
            throw new UsageException($"--filter '{filter}' fits only what is in C: {problem}");

        if (left.Sum(family => family.BenchmarksCases.Length) < chosen.Sum(family => family.BenchmarksCases.Length))
            text.WriteLine($"the baseline in C is left out: {problem}");

        return left;
    }

    internal static ManualConfig Configure(TextWriter text, string reports) => ManualConfig.CreateEmpty()
        .AddJob(Job.ShortRun.WithToolchain(InProcessEmitToolchain.Instance))
        .AddColumnProvider(DefaultColumnProviders.Instance)
        .AddColumn(StatisticColumn.Median, StatisticColumn.Min)
        .AddAnalyser([.. DefaultConfig.Instance.GetAnalysers()])
        .AddValidator([.. DefaultConfig.Instance.GetValidators()])
        .AddExporter(MarkdownExporter.GitHub)
        .AddExporter(JsonExporter.Brief)
        .AddLogger(new TextLogger(text))
        .WithArtifactsPath(reports);

    private static string NameOf(BenchmarkCase benchmark) =>
        $"{benchmark.Descriptor.Type.FullName}.{benchmark.Descriptor.WorkloadMethod.Name}";

    private static BenchResult Describe(BenchmarkReport report) => new(
        $"{NameOf(report.BenchmarkCase)}({report.BenchmarkCase.Parameters.PrintInfo})",
        report.ResultStatistics!.Mean,
        report.ResultStatistics.StandardDeviation,
        report.GcStats.GetBytesAllocatedPerOperation(report.BenchmarkCase));
}
