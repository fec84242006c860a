using Kmaplab.Stress.Tests.Commands;

namespace Kmaplab.Stress.Tests.Documentation;

/// <summary>Runs the commands that the pages show, one after the other as a reader would, and compares.</summary>
public sealed class ExampleTests(ITestOutputHelper log) : CommandLineTest
{
    private static readonly (string Part, string Why)[] s_skipped =
    [
        ("--executions 1000000", "takes ten seconds"),
        ("verify churn --tasks 5", "takes twenty seconds"),
        ("verify mixed --rounds 1", "has 700000 states"),
        ("frontier", "takes a minute"),
        ("--threads 64", "measures the machine"),
        ("alternatives", "measures the machine"),
        ("speeds", "measures the machine"),
        ("soak nested", "ends elsewhere each time"),
        ("nested-deadlock-1.recording", "is of a run that ended elsewhere"),
        ("soak queue-after-unlock", "ends elsewhere each time"),
        ("queue-after-unlock-lost-wakeup-1.recording", "is of a run that ended elsewhere"),
        ("all.recording", "measures the machine"),
        ("selfcheck", "takes two minutes"),
        ("oracle PROGRAMS.json", "needs a file of the reader's own"),
        ("conform TRACES", "needs files of the reader's own"),
        ("--strategy sticky", "is a strategy that the reader writes"),
        ("verify handover", "is a scenario that the reader writes"),
        ("wake-before-count-race", "is a race that the reader writes"),
        ("--module Mistakes.dll", "is a module that the reader writes"),
    ];

    public static TheoryData<string> Pages { get; } =
    [
        "README.md",
        "docs/campaigns.md",
        "docs/commands.md",
        "docs/debugging.md",
        "docs/adding-a-detector.md",
        "docs/adding-a-scenario.md",
        "docs/adding-a-strategy.md",
        "docs/adding-a-variant-and-a-race.md",
        "docs/port.md",
        "docs/programs.md",
        "docs/reports.md",
    ];

    [Theory]
    [MemberData(nameof(Pages))]
    public void What_a_page_shows_is_what_the_program_says(string page)
    {
        Example[] examples = [.. Example.In(Path.Combine(Checkout.RootOrSkip(), page))];
        int ran = 0;
        foreach (Example example in examples)
        {
            if (WhySkipped(example) is { } why)
            {
                log.WriteLine($"{example}: not run, {why}");
                continue;
            }

            Run([.. example.Arguments.Select(Located)]);
            string output = example
                .Arguments.Aggregate(Out + Error, (text, argument) =>
                    text.Replace(Located(argument), argument, StringComparison.Ordinal))
                .Replace(Folder, "out", StringComparison.Ordinal);
            string? missing = example.FirstMissing(output);
            Assert.True(missing is null, $"{example}: shows\n{missing}\nbut the program says\n{output}");
            ran++;
        }

        Assert.True(ran > 0, $"no example of {page} was run");
    }

    [Fact]
    public void Each_reason_to_skip_an_example_is_needed()
    {
        Example[] examples = [.. Pages.SelectMany(page => Example.In(Path.Combine(Checkout.RootOrSkip(), page.Data)))];

        Assert.All(s_skipped, skipped =>
            Assert.Contains(examples, example => example.Command.Contains(skipped.Part, StringComparison.Ordinal)));
    }

    [Theory]
    [InlineData("3447 states, 10165 transitions; 1.44 s", null)]
    [InlineData("3447 states, 10165 transitions; 0.10 s", null)]
    [InlineData("3448 states, 10165 transitions; 1.44 s", "3448 states, 10165 transitions; 1.44 s")]
    [InlineData("...", null)]
    public void Only_what_differs_from_run_to_run_may_differ(string shown, string? missing)
    {
        var example = new Example("page", 1, "verify", [shown]);

        Assert.Equal(missing, example.FirstMissing("first\n3447 states, 10165 transitions; 2.02 s\nlast"));
    }

    private static string? WhySkipped(Example example) =>
        Array.Find(s_skipped, skipped => example.Command.Contains(skipped.Part, StringComparison.Ordinal)).Why;

    /// <summary>The reader's folders are this test's: that for results, and that of the samples.</summary>
    private string Located(string argument)
    {
        if (argument.StartsWith("out/", StringComparison.Ordinal))
            return Path.Combine(Folder, argument["out/".Length..]);

        if (argument.StartsWith("samples/", StringComparison.Ordinal))
            return Path.Combine(Checkout.RootOrSkip(), argument);

        return argument.EndsWith(".dll", StringComparison.Ordinal)
            ? Path.Combine(AppContext.BaseDirectory, Path.GetFileName(argument))
            : argument;
    }
}
