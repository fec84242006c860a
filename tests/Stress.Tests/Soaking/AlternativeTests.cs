using Kmaplab.Scheduler.Scenarios;
using Kmaplab.Stress.Reports.Texts;
using Kmaplab.Stress.Scenarios;
using Kmaplab.Stress.Soaking;

namespace Kmaplab.Stress.Tests.Soaking;

/// <summary>What the README says of the alternatives: which are proved, which are refuted, and where.</summary>
public sealed class AlternativeTests
{
    private static readonly ScenarioCatalogue s_catalogue = new(typeof(Churn<>).Assembly);

    /// <summary>Churn, shared, nested, and the script that breaks exclusive sleepers.</summary>
    public static TheoryData<string, string> Verdicts { get; } = new()
    {
        { "", "proved proved deadlock proved" },
        { "exclusive-waiters", "proved proved deadlock lost-wakeup" },
        { "exclusive-passed-on", "proved proved deadlock proved" },
        { "flush-if-needed", "proved proved deadlock proved" },
        { "queue-per-colour", "proved proved proved proved" },
        { "pool-per-level", "proved proved proved deadlock" },
        { "admission", "proved proved proved deadlock" },
    };

    [Fact]
    public void Every_alternative_has_a_verdict() => Assert.Equal(
        Alternative.Names.Select(name => name ?? ""), Verdicts.Select(row => row.Data.Item1));

    [Theory]
    [MemberData(nameof(Verdicts))]
    public void An_alternative_is_proved_or_refuted_as_it_is_said(string variant, string verdicts)
    {
        IReadOnlyList<Proof> proofs = Alternative.Prove(
            s_catalogue, variant.Length == 0 ? null : variant, TestContext.Current.CancellationToken);

        Assert.Equal(verdicts, string.Join(' ', proofs.Select(Short)));
    }

    // "proved (3695 states)", "refuted: deadlock".
    private static string Short(Proof proof)
    {
        string[] words = AlternativesText.Of(proof).Split(' ');
        return words[0] == "refuted:" ? words[1] : words[0];
    }
}
