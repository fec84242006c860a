using Kmaplab.Scheduler.Simulation.Running;
using Kmaplab.Stress.Conformance.Comparison;
using Kmaplab.Stress.Conformance.Format;
using Kmaplab.Stress.Conformance.Replay;
using Kmaplab.Stress.Races.Atomics;
using Kmaplab.Stress.Races.Flushes;
using Kmaplab.Stress.Races.Slots;

namespace Kmaplab.Stress.Selfcheck.Sections;

/// <summary>The port, and ports with a mistake, compared with recorded traces.</summary>
/// <param name="port">The port that must agree; another one shows that a difference is noticed.</param>
internal sealed class ConformanceSection(PortFactory? port) : SelfcheckSection
{
    private static readonly (string Name, PortFactory Port)[] s_wrong =
    [
        ("count-from-two", (boot, config) => new NewSlotCountsTwo<SimulatedKernel>(boot, config)),
        ("no-tlb-flush", (boot, config) => new NoTlbFlush<SimulatedKernel>(boot, config)),
        ("atomic-preemptible", (boot, config) => new AtomicPreemptible<SimulatedKernel>(boot, config)),
        ("atomic-shared-slots", (boot, config) => new AtomicSharedSlots<SimulatedKernel>(boot, config)),
    ];

    internal ConformanceSection()
        : this(null)
    {
    }

    internal override string Name => "conformance";

    internal override string What =>
        "the port does what recorded traces say, step by step, and ports with a mistake do not";

    internal override SectionResult Run(SelfcheckRun run)
    {
        IReadOnlyList<string> names = EmbeddedTraces.Names;
        List<Outcome> outcomes = run.ForEach(Name, names.Count, i => Compare(names[i]));
        bool isWhole = outcomes.Count == names.Count;
        List<string> problems = [.. outcomes.SelectMany(outcome => outcome.Problems)];
        if (isWhole)
            problems.AddRange(
                s_wrong
                    .Where(wrong => outcomes.TrueForAll(outcome => !outcome.Noticed.Contains(wrong.Name)))
                    .Select(wrong => $"{wrong.Name}: no trace notices it"));

        return new SectionResult(
            outcomes.Count,
            $"{outcomes.Sum(outcome => outcome.Steps)} steps of traces recorded from the port itself when it agreed "
            + $"with all traces of the kernel's own code, {s_wrong.Length} ports with a mistake",
            problems,
            isWhole);
    }

    private Outcome Compare(string name)
    {
        ConformanceReport report = Compare(name, port is null ? new Conformer() : new Conformer(port));
        var problems = new List<string>();
        if (report.First is { } mismatch)
        {
            IEnumerable<string> differences = mismatch.Differences
                .Select(one => $"{one.Field} must be {one.Expected} and is {one.Got}");
            problems.Add(
                $"{mismatch.File} line {mismatch.Line}: {mismatch.What}: {string.Join("; ", differences)}");
        }

        string[] noticed =
        [
            .. s_wrong
                .Where(wrong => Compare(name, new Conformer(wrong.Port)).Mismatches > 0)
                .Select(wrong => wrong.Name),
        ];
        if (noticed.Length == 0)
            problems.Add($"{name}: it notices none of the ports with a mistake");

        return new Outcome(report.Steps, problems, noticed);
    }

    private static ConformanceReport Compare(string name, Conformer conformer)
    {
        using TraceReader reader = EmbeddedTraces.Open(name);
        return conformer.Compare(reader, name);
    }

    private sealed record Outcome(long Steps, IReadOnlyList<string> Problems, string[] Noticed);
}
