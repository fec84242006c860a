using System.Text.RegularExpressions;
using Kmaplab.Scheduler.Scenarios;
using Kmaplab.Stress.Scenarios;

namespace Kmaplab.Stress.Tests.Documentation;

/// <summary>The pages for people, as far as a program can read them.</summary>
public sealed partial class DocumentationTests
{
    private static readonly string[] s_folders = ["src", "cluster", "stress", "tests", "coyote-tests", "samples"];

    [Fact]
    public void Every_relative_link_leads_to_a_file_that_exists()
    {
        string root = Checkout.RootOrSkip();

        Link[] links = [.. Pages(root).SelectMany(Links).Where(link => link.IsRelative)];
        Link[] broken = [.. links.Where(link => !link.Exists)];

        Assert.NotEmpty(links);
        Assert.Empty(broken);
    }

    [Fact]
    public void Every_source_file_that_a_page_names_by_its_path_exists()
    {
        string root = Checkout.RootOrSkip();

        (string Page, string Path)[] named =
        [
            .. Pages(root).SelectMany(page => Named(page, SourcePath()).Select(path => (page, path))),
        ];
        (string Page, string Path)[] missing = [.. named.Where(each => !Path.Exists(Path.Combine(root, each.Path)))];

        Assert.NotEmpty(named);
        Assert.Empty(missing);
    }

    [Fact]
    public void Every_source_file_that_a_page_names_exists_or_is_shown_there()
    {
        string root = Checkout.RootOrSkip();
        HashSet<string> sources = [.. s_folders.SelectMany(folder => SourcesIn(Path.Combine(root, folder)))];

        (string Page, string File)[] named =
        [
            .. Pages(root).SelectMany(page => Named(page, SourceFile()).Select(file => (page, file))),
        ];
        (string Page, string File)[] missing =
        [
            .. named.Where(each => !sources.Contains(each.File) && !IsShownIn(each.Page, each.File)),
        ];

        Assert.NotEmpty(named);
        Assert.Empty(missing);
    }

    [Fact]
    public void The_page_about_the_port_names_every_variant_and_every_race()
    {
        string page = File.ReadAllText(Path.Combine(Checkout.RootOrSkip(), "docs", "port.md"));
        var catalogue = new ScenarioCatalogue(typeof(Churn<>).Assembly);

        string[] missing =
        [
            .. catalogue
                .Variants.Select(variant => variant.Name)
                .Concat(catalogue.Races.Select(race => race.Name))
                .Where(name => !page.Contains($"`{name}`", StringComparison.Ordinal)),
        ];

        Assert.Empty(missing);
    }

    [Theory]
    [InlineData("see [there](docs/there.md#part) and [here](https://example.org)", "docs/there.md")]
    [InlineData("![picture](a.svg)", "a.svg")]
    [InlineData("`code[i](x)` is no link, [this](y.md) is", "y.md")]
    [InlineData("[only a part](#part)", null)]
    public void A_link_is_found_and_its_part_cut_off(string line, string? target)
    {
        IEnumerable<string> found = TargetsIn(line).Select(WithoutPart).Where(IsRelative);

        Assert.Equal(target is null ? [] : [target], found);
    }

    private static IEnumerable<string> Pages(string root) =>
        [.. Directory.GetFiles(root, "*.md"), .. Directory.GetFiles(Path.Combine(root, "docs"), "*.md")];

    private static IEnumerable<Link> Links(string page) =>
        Prose(page).SelectMany(TargetsIn).Select(target => new Link(page, WithoutPart(target)));

    private static IEnumerable<string> Named(string page, Regex kind) => Prose(page)
        .SelectMany(line => CodeSpan().Matches(line))
        .Select(span => span.Groups[1].Value)
        .Where(text => kind.IsMatch(text));

    private static IEnumerable<string> SourcesIn(string folder) =>
        Directory.EnumerateFiles(folder, "*.cs", SearchOption.AllDirectories).Select(file => Path.GetFileName(file));

    // An example that the reader is to write.
    private static bool IsShownIn(string page, string file) =>
        File.ReadAllText(page).Contains($" class {Path.GetFileNameWithoutExtension(file)}", StringComparison.Ordinal);

    private static IEnumerable<string> TargetsIn(string line) =>
        LinkTarget().Matches(CodeSpan().Replace(line, "")).Select(match => match.Groups[1].Value);

    private static string WithoutPart(string target) => target.Split('#')[0];

    private static bool IsRelative(string target) =>
        target.Length > 0 && !target.Contains(':', StringComparison.Ordinal);

    private static IEnumerable<string> Prose(string page)
    {
        bool isCode = false;
        foreach (string line in File.ReadLines(page))
        {
            if (line.TrimStart().StartsWith("```", StringComparison.Ordinal))
                isCode = !isCode;
            else if (!isCode)
                yield return line;
        }
    }

    // Not by [CallerFilePath], which a build on a server replaces.
    [GeneratedRegex(@"\]\(([^()\s]+)\)")]
    private static partial Regex LinkTarget();

    [GeneratedRegex("`([^`]+)`")]
    private static partial Regex CodeSpan();

    [GeneratedRegex(@"^(src|cluster|stress|tests|coyote-tests|samples|docs)/[\w./-]+$")]
    private static partial Regex SourcePath();

    [GeneratedRegex(@"^[A-Z][\w.]*\.cs$")]
    private static partial Regex SourceFile();

    private sealed record Link(string Page, string Target)
    {
        internal bool IsRelative => DocumentationTests.IsRelative(Target);

        internal bool Exists => Path.Exists(Path.Combine(Path.GetDirectoryName(Page)!, Target));
    }
}
