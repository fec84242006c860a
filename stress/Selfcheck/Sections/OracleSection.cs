using Kmaplab.Stress.Oracle;
using Kmaplab.Stress.Selfcheck.Programs;

namespace Kmaplab.Stress.Selfcheck.Sections;

/// <summary>Small programs, each counted by brute force and by every search that the laboratory has.</summary>
/// <param name="count">Counts a program exactly; another one shows that a wrong count is noticed.</param>
internal sealed class OracleSection(Func<OracleProgram, OracleExpectation> count) : SelfcheckSection
{
    internal OracleSection()
        : this(BruteForce.Count)
    {
    }

    internal override string Name => "oracle";

    internal override string What =>
        "states, transitions, ends, interleavings, traces and preemptions of small programs are those of a brute "
        + "force of its own";

    internal override SectionResult Run(SelfcheckRun run)
    {
        int known = KnownPrograms.All.Count;
        int programs = known + run.OraclePrograms;
        List<string[]> outcomes = run.ForEach(Name, programs, i =>
            Check(i < known ? KnownPrograms.All[i] : RandomPrograms.Draw(run.Seed, i - known)));
        return new SectionResult(
            outcomes.Count,
            $"{Math.Min(known, outcomes.Count)} programs written by hand, {Math.Max(0, outcomes.Count - known)} at "
            + "random; 8 counts each",
            [.. outcomes.SelectMany(problems => problems)],
            outcomes.Count == programs);
    }

    private string[] Check(string text)
    {
        OracleProgram program = ProgramText.Parse(text);
        OracleOutcome outcome = OracleCheck.Check(program with { Expect = count(program) });
        return
        [
            .. outcome.Mismatches.Select(mismatch =>
                $"'{text}': {mismatch.What}: brute force counts {mismatch.Expected}, the laboratory {mismatch.Got}"),
            .. outcome.NotCompared.Select(gap => $"'{text}': {string.Join(", ", gap.What)} not compared: {gap.Why}"),
        ];
    }
}
