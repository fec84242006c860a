namespace Kmaplab.Stress.Tests;

/// <summary>The repository that these tests were built in.</summary>
internal static class Checkout
{
    /// <summary>Its root; the test is skipped if there is none.</summary>
    internal static string RootOrSkip()
    {
        for (DirectoryInfo? folder = new(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "Stress.sln")))
                return folder.FullName;
        }

        Assert.Skip("This test does not run in a checkout, so there are no files to read.");
        return "";
    }

    /// <summary>The sources below some folders, without what builds have made.</summary>
    internal static IEnumerable<string> Sources(params IEnumerable<string> folders)
    {
        string root = RootOrSkip();
        return folders
            .SelectMany(folder =>
                Directory.EnumerateFiles(Path.Combine(root, folder), "*.cs", SearchOption.AllDirectories))
            .Where(file => !Path.GetRelativePath(root, file).Split(Path.DirectorySeparatorChar).Contains("obj"));
    }
}
