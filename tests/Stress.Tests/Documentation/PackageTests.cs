using System.Text.RegularExpressions;

namespace Kmaplab.Stress.Tests.Documentation;

/// <summary>What a project made of the template asks for is what the repository packs.</summary>
public sealed partial class PackageTests
{
    [Fact]
    public void The_template_asks_for_the_packages_of_this_version()
    {
        string root = Checkout.RootOrSkip();
        string version = Version().Match(File.ReadAllText(Path.Combine(root, "Directory.Build.props"))).Groups[1].Value;
        MatchCollection asked = Reference()
            .Matches(File.ReadAllText(Path.Combine(root, "templates", "kmapmodule", "KmapModule.csproj")));

        Assert.Equal(["Kmaplab.Allocator", "Kmaplab.Scheduler"], asked.Select(package => package.Groups[1].Value));
        Assert.All(asked, package => Assert.Equal(version, package.Groups[2].Value));
    }

    [GeneratedRegex("<Version>(.+)</Version>")]
    private static partial Regex Version();

    [GeneratedRegex("<PackageReference Include=\"(.+?)\" Version=\"(.+?)\"")]
    private static partial Regex Reference();
}
