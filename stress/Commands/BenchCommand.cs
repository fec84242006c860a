using System.CommandLine;
using System.Threading;
using BenchmarkDotNet.Columns;
using BenchmarkDotNet.Configs;
using BenchmarkDotNet.Exporters;
using BenchmarkDotNet.Filters;
using BenchmarkDotNet.Jobs;
using BenchmarkDotNet.Loggers;
using BenchmarkDotNet.Reports;
using BenchmarkDotNet.Running;
using BenchmarkDotNet.Toolchains.InProcess.Emit;
using Kmaplab.Scheduler.Scenarios;
using Kmaplab.Stress.Benchmarks;
using Kmaplab.Stress.Reports;

namespace Kmaplab.Stress.Commands;

/// <summary>Runs the BenchmarkDotNet benchmarks, in this process, with their own reports.</summary>
internal sealed class BenchCommand() : LabCommand("bench", "Run the benchmarks (BenchmarkDotNet)")
{
    private readonly Option<string> _filter = new("--filter") { Description = "Which benchmarks, by name", HelpName = "GLOB", DefaultValueFactory = _ => "*" };

    protected override void AddOptions(Command command) => command.Options.Add(_filter);

    internal override int Run(Session session, ParseResult arguments)
    {
        string reports = Path.Combine(session.Out, "benchmarks");
        BenchmarkRunInfo benchmarks = Find(arguments.GetValue(_filter)!, Configure(session.Text, reports));
        session.PrepareOut();

        // A benchmark cannot be stopped, so Ctrl-C leaves it behind.
        Task<Summary> running = Task.Factory.StartNew(() => BenchmarkRunner.Run(benchmarks), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        try
        {
            running.Wait(session.Cancellation);
        }
        catch (OperationCanceledException)
        {
            session.Text.WriteLine("interrupted: the benchmarks have no result");
            session.WriteJson(new BenchReport([], reports), ReportJson.Default.BenchReport);
            return ExitCode.NoAnswer;
        }

        Summary summary = running.Result;
        session.WriteJson(new BenchReport([.. summary.Reports.Where(report => report.ResultStatistics is not null).Select(Describe)], reports), ReportJson.Default.BenchReport);
        return summary.HasCriticalValidationErrors || summary.Reports.Any(report => !report.Success) ? ExitCode.Failure : ExitCode.Clean;
    }

    private static BenchmarkRunInfo Find(string filter, ManualConfig config)
    {
        BenchmarkRunInfo all = BenchmarkConverter.TypeToBenchmarks(typeof(ExplorationBenchmarks), config);
        BenchmarkRunInfo chosen = BenchmarkConverter.TypeToBenchmarks(typeof(ExplorationBenchmarks), config.AddFilter(new GlobFilter([filter])));
        IEnumerable<string> names = all.BenchmarksCases.Select(NameOf).Distinct();
        return chosen.BenchmarksCases.Length > 0
            ? chosen
            : throw new UsageException($"--filter '{filter}' fits no benchmark: there is {string.Join(", ", names)}, and * stands for anything");
    }

    private static ManualConfig Configure(TextWriter text, string reports) => ManualConfig.CreateEmpty()
        .AddJob(Job.ShortRun.WithToolchain(InProcessEmitToolchain.Instance))
        .AddColumnProvider(DefaultColumnProviders.Instance)
        .AddAnalyser([.. DefaultConfig.Instance.GetAnalysers()])
        .AddValidator([.. DefaultConfig.Instance.GetValidators()])
        .AddExporter(MarkdownExporter.GitHub)
        .AddLogger(new TextLogger(text))
        .WithArtifactsPath(reports);

    private static string NameOf(BenchmarkCase benchmark) => $"{benchmark.Descriptor.Type.FullName}.{benchmark.Descriptor.WorkloadMethod.Name}";

    private static BenchResult Describe(BenchmarkReport report) => new(
        $"{NameOf(report.BenchmarkCase)}({report.BenchmarkCase.Parameters.PrintInfo})",
        report.ResultStatistics!.Mean,
        report.ResultStatistics.StandardDeviation,
        report.GcStats.GetBytesAllocatedPerOperation(report.BenchmarkCase));
}
