using Kmaplab.Scheduler.Detection;
using Kmaplab.Scheduler.Scenarios;
using Kmaplab.Stress.Pictures.Tracing;

namespace Kmaplab.Stress.Pictures.Formats;

/// <summary>A form that an explanation can be written in.</summary>
/// <param name="Name">Its name on the command line.</param>
/// <param name="Extension">How its files end; empty if it goes to the terminal.</param>
/// <param name="Write">Writes it.</param>
internal sealed record PictureFormat(string Name, string Extension, Action<Explanation, Stream> Write);

/// <summary>All forms.</summary>
internal static class PictureFormats
{
    internal const string Text = "text";

    /// <summary>The page for a browser.</summary>
    internal static PictureFormat Html { get; } = new("html", ".html", HtmlPage.Write);

    private static readonly PictureFormat[] s_all =
    [
        new(Text, "", (_, _) => { }),
        Html,
        new("json", ".json", JsonPicture.Write),
        new("perfetto", ".pftrace", PerfettoPicture.Write),
        new("ftrace", ".ftrace", FtracePicture.Write),
        new("tracedat", ".dat", TraceDatPicture.Write),
        new("sarif", ".sarif", SarifPicture.Write),
        new("mermaid", ".mmd", MermaidPicture.Write),
        new("dot", ".dot", DotPicture.Write),
    ];

    internal static IEnumerable<string> Names => s_all.Select(format => format.Name);

    /// <summary>The form of a name.</summary>
    /// <exception cref="UsageException">There is none.</exception>
    internal static PictureFormat Find(string name) =>
        s_all.FirstOrDefault(format => format.Name == name)
        ?? throw new UsageException(
            $"there is no format '{name}'{NearestName.Suggestion(name, Names)}; there is {string.Join(", ", Names)}");
}
