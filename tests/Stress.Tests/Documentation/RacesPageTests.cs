using Kmaplab.Stress.CommandLine;
using Kmaplab.Stress.Tests.Commands;

namespace Kmaplab.Stress.Tests.Documentation;

/// <summary>docs/races.md is what the program says.</summary>
public sealed class RacesPageTests : CommandLineTest
{
    [Fact]
    public void The_page_about_the_races_is_what_the_command_prints()
    {
        string page = Path.Combine(Checkout.RootOrSkip(), "docs", "races.md");

        Assert.Equal(ExitCode.Clean, Run("races", "--format", "markdown"));

        Assert.Equal(Out, File.ReadAllText(page)); // To make it anew: kmaplab races --format markdown > docs/races.md
    }

    [Fact]
    public void A_format_that_does_not_exist_is_refused_with_the_nearest() => AssertRefused(
        "there is no format 'markdwn', did you mean 'markdown'?; there is text, markdown",
        "races",
        "--format",
        "markdwn");

    [Fact]
    public void A_page_of_one_race_is_refused() => AssertRefused(
        "--format markdown is for the whole list: leave NAME and --matrix out",
        "races",
        "no-recheck",
        "--format",
        "markdown");
}
