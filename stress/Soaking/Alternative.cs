using System.Threading;
using Kmaplab.Scheduler.Detection;
using Kmaplab.Scheduler.Scenarios;
using Kmaplab.Scheduler.Verification;

namespace Kmaplab.Stress.Soaking;

/// <summary>One way in which the port could be otherwise: what is proved of it, and how fast it is.</summary>
/// <param name="Variant">Its name; null for the port itself.</param>
/// <param name="Proofs">What exhaustive search says, by target.</param>
/// <param name="Soak">What threads say.</param>
internal sealed record Alternative(string? Variant, IReadOnlyList<Proof> Proofs, SoakResult Soak)
{
    /// <summary>All of them, the port first.</summary>
    internal static IReadOnlyList<string?> Names { get; } =
    [
        null,
        "exclusive-waiters",
        "exclusive-passed-on",
        "flush-if-needed",
        "queue-per-colour",
        "pool-per-level",
        "admission",
    ];

    private static readonly (string Target, SizeRequest Size)[] s_proofs =
    [
        ("churn", new SizeRequest { Tasks = 3, Slots = 2, Pages = 3, Rounds = ScenarioSize.AnyRounds }),
        ("shared", new SizeRequest { Tasks = 3, Slots = 2, Pages = 3, Rounds = 1 }),
        ("nested", new SizeRequest { Tasks = 2, Slots = 2, Depth = 2, Rounds = ScenarioSize.AnyRounds }),
    ];

    /// <summary>What can be proved of a variant at small sizes, and by the script of its race if it has one.</summary>
    internal static IReadOnlyList<Proof> Prove(
        ScenarioCatalogue catalogue, string? variant, CancellationToken cancellation)
    {
        var experiments = new List<(string Target, Experiment Experiment)>();
        foreach ((string target, SizeRequest size) in s_proofs)
            experiments.Add((target, catalogue.Resolve(target, variant, size)));

        // The script that breaks exclusive sleepers is put to all others too: in it a task that holds a mapping waits
        // for one that needs one.
        RaceEntry race = catalogue.Race("exclusive-waiters");
        VariantEntry? entry = variant is null ? null : catalogue.Variant(variant);
        experiments.Add(("script", race.Experiment with { Variant = entry }));
        return [.. experiments.Select(each => Prove(each.Target, each.Experiment, cancellation))];
    }

    /// <summary>Runs it on threads, without checks.</summary>
    internal static SoakResult Measure(
        ScenarioCatalogue catalogue, string? variant, SizeRequest size, TimeSpan time, CancellationToken cancellation)
    {
        Experiment experiment = catalogue.Resolve("churn", variant, size with { Rounds = ScenarioSize.AnyRounds });
        return new Soak(experiment, new SoakOptions(time, IsBare: true, Seed: 1, HasJitter: false)).Run(cancellation);
    }

    private static Proof Prove(string target, Experiment experiment, CancellationToken cancellation)
    {
        var options = new VerifierOptions
        {
            MayRunForEver = experiment.Size.Rounds == ScenarioSize.AnyRounds,
        };
        VerificationReport report = new Verifier(experiment.Boot(), options).Run(cancellation);
        return new Proof(target, report.Verdict, report.States, report.Counterexample?.Finding.Class);
    }
}

/// <summary>What exhaustive search says of one target.</summary>
/// <param name="Target">The scenario.</param>
/// <param name="Verdict">The verdict.</param>
/// <param name="States">The states that were searched.</param>
/// <param name="Failure">What is wrong; null if nothing is.</param>
internal sealed record Proof(string Target, Verdict Verdict, long States, FailureClass? Failure);
