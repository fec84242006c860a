using System.CommandLine;
using BenchmarkDotNet.Configs;
using BenchmarkDotNet.Jobs;
using BenchmarkDotNet.Running;
using BenchmarkDotNet.Toolchains.InProcess.Emit;
using Kmaplab.Stress.Benchmarks;

namespace Kmaplab.Stress.Commands;

/// <summary>Runs the BenchmarkDotNet benchmarks, in this process, with their own reports.</summary>
internal sealed class BenchCommand() : LabCommand("bench", "Run the benchmarks (BenchmarkDotNet)")
{
    private readonly Option<string> _filter = new("--filter") { Description = "Which benchmarks, by name", HelpName = "GLOB", DefaultValueFactory = _ => "*" };

    protected override void AddOptions(Command command) => command.Options.Add(_filter);

    internal override int Run(Session session, ParseResult arguments)
    {
        IConfig config = DefaultConfig.Instance.AddJob(Job.ShortRun.WithToolchain(InProcessEmitToolchain.Instance));
        BenchmarkDotNet.Reports.Summary[] summaries = [.. BenchmarkSwitcher.FromTypes([typeof(ExplorationBenchmarks)]).Run(["--filter", arguments.GetValue(_filter)!], config)];
        return summaries.Length > 0 && summaries.All(summary => !summary.HasCriticalValidationErrors) ? ExitCode.Clean : ExitCode.Usage;
    }
}
