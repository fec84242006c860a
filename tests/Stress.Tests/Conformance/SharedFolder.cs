namespace Kmaplab.Stress.Tests.Conformance;

/// <summary>Finds data that lies beside the repository on some machines only.</summary>
internal static class SharedFolder
{
    /// <summary>The path of something in 'shared' beside the repository; skips the test without it.</summary>
    public static string Require(string name)
    {
        string? root = AppContext.BaseDirectory;
        while (root is not null && !File.Exists(Path.Combine(root, "Stress.sln")))
            root = Path.GetDirectoryName(root);

        string path = root is null ? "" : Path.GetFullPath(Path.Combine(root, "..", "shared", name));
        if (!File.Exists(path) && !Directory.Exists(path))
            Assert.Skip($"There is no '../shared/{name}' beside the repository, so there is nothing to compare with.");

        return path;
    }
}
