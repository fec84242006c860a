using System.Reflection;
using System.Runtime.InteropServices;
using Kmaplab.Scheduler.Scenarios;
using Microsoft.Coyote.SystematicTesting;
using static System.FormattableString;

namespace Kmaplab.CoyoteTests.Comparison;

/// <summary>Both engines over the same experiments in one session, as the table that the README shows.</summary>
internal static class ComparisonTable
{
    private const uint Seeds = 20;
    private const uint CoyoteExecutions = 50; // Per seed, where nothing fails.
    private const uint SimulatedExecutions = 20_000;
    private const uint CoyoteExecutionsMax = 5_000; // Per seed, until something fails.
    private const uint SimulatedExecutionsMax = 10_000_000;

    /// <summary>Measures, and prints as it goes.</summary>
    public static void Print(TextWriter output)
    {
        Console.SetOut(TextWriter.Null); // Coyote counts its iterations there.
        var originals = new OriginalAssemblies();
        PrintPlace(output);
        output.WriteLine();
        PrintHead(
            output,
            "correct port",
            "simulated: executions/s",
            "steps/s",
            "Coyote: executions/s",
            "steps/s",
            "ratio of executions/s");
        foreach (Trial trial in Trials.Correct.Where(trial => trial.IsExpressible))
            PrintThroughput(output, trial, originals);

        output.WriteLine();
        PrintHead(
            output,
            "failure",
            "simulated: executions",
            "seconds",
            "Coyote: executions",
            "seconds",
            "found by Coyote",
            "ratio of seconds");
        foreach (Trial trial in Trials.Failing.Where(trial => trial.IsExpressible))
            PrintFirstFailure(output, trial, originals);
    }

    private static void PrintPlace(TextWriter output)
    {
        string coyote = typeof(TestingEngine).Assembly.GetCustomAttribute<AssemblyFileVersionAttribute>()!.Version;
        output.WriteLine(
            $"{Processor()}, {Environment.ProcessorCount} cores, {RuntimeInformation.OSDescription}, "
            + $"{RuntimeInformation.FrameworkDescription}, Coyote {coyote}.");
        output.WriteLine(
            $"Medians of {Seeds} seeds. Both engines choose at random and check the same things; "
            + "sizes are tasks x slots x pages x rounds, steps the simulated machine's, which has one thread.");
    }

    private static void PrintThroughput(TextWriter output, Trial trial, OriginalAssemblies originals)
    {
        Measurement.OfSimulation(originals, trial, seed: 0, SimulatedExecutions); // Compiles.
        Measurement.OfCoyote(trial, seed: 0, CoyoteExecutions);
        (Measurement[] simulated, Measurement[] coyote) = Measure(
            seed => Measurement.OfSimulation(originals, trial, seed, SimulatedExecutions),
            seed => Measurement.OfCoyote(trial, seed, CoyoteExecutions));
        double simulatedRate = Median(simulated, run => run.ExecutionsPerSecond);
        double coyoteRate = Median(coyote, run => run.ExecutionsPerSecond);
        PrintRow(
            output,
            $"{trial.Name} {SizeOf(trial.Experiment.Size)}",
            Invariant($"{simulatedRate:N0}"),
            Invariant($"{Median(simulated, run => run.StepsPerSecond):N0}"),
            Invariant($"{coyoteRate:N0}"),
            Invariant($"{Median(coyote, run => run.StepsPerSecond):N0}"),
            Invariant($"{simulatedRate / coyoteRate:N0}"));
    }

    private static void PrintFirstFailure(TextWriter output, Trial trial, OriginalAssemblies originals)
    {
        (Measurement[] simulated, Measurement[] coyote) = Measure(
            seed => Measurement.OfSimulation(originals, trial, seed, SimulatedExecutionsMax),
            seed => Measurement.OfCoyote(trial, seed, CoyoteExecutionsMax));
        double simulatedSeconds = Median(simulated, run => run.Seconds);
        double coyoteSeconds = Median(coyote, run => run.Seconds);
        PrintRow(
            output,
            $"{trial.Name} {SizeOf(trial.Experiment.Size)}",
            Invariant($"{Median(simulated, run => run.Executions):0.#}"),
            Invariant($"{simulatedSeconds:0.000000}"),
            Invariant($"{Median(coyote, run => run.Executions):0.#}"),
            Invariant($"{coyoteSeconds:0.0000}"),
            $"{coyote.Count(run => run.HasFailed)} of {Seeds}",
            Invariant($"{coyoteSeconds / simulatedSeconds:N0}"));
    }

    private static void PrintHead(TextWriter output, params string[] cells)
    {
        PrintRow(output, cells);
        output.WriteLine($"|---{string.Concat(Enumerable.Repeat("|--:", cells.Length - 1))}|");
    }

    private static void PrintRow(TextWriter output, params string[] cells) =>
        output.WriteLine($"| {string.Join(" | ", cells)} |");

    // Seed by seed, so that whatever else the machine does meets both engines.
    private static (Measurement[] Simulated, Measurement[] Coyote) Measure(
        Func<uint, Measurement> simulate, Func<uint, Measurement> runCoyote)
    {
        var simulated = new Measurement[Seeds];
        var coyote = new Measurement[Seeds];
        for (uint i = 0; i < Seeds; i++)
        {
            simulated[i] = simulate(i + 1);
            coyote[i] = runCoyote(i + 1);
        }

        return (simulated, coyote);
    }

    private static double Median(Measurement[] runs, Func<Measurement, double> number)
    {
        double[] numbers = [.. runs.Select(number).Order()];
        return (numbers[(numbers.Length - 1) / 2] + numbers[numbers.Length / 2]) / 2;
    }

    private static string SizeOf(ScenarioSize size) => $"{size.Tasks}x{size.Slots}x{size.Pages}x{size.Rounds}";

    private static string Processor()
    {
        const string Cpus = "/proc/cpuinfo";
        string? model = File.Exists(Cpus) ? File.ReadLines(Cpus).FirstOrDefault(IsModel) : null;
        return model?.Split(':', 2)[1].Trim() ?? RuntimeInformation.ProcessArchitecture.ToString();

        static bool IsModel(string line) => line.StartsWith("model name", StringComparison.Ordinal);
    }
}
