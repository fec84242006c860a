using System.IO.Compression;
using System.Reflection;
using Kmaplab.Stress.Conformance.Format;

namespace Kmaplab.Stress.Selfcheck;

/// <summary>
/// The traces of the repository, which the program carries with it: recorded from the port when it agreed with every
/// trace of the kernel's own code.
/// </summary>
internal static class EmbeddedTraces
{
    private const string Folder = "Traces/";

    private static readonly Assembly s_assembly = typeof(EmbeddedTraces).Assembly;

    internal static IReadOnlyList<string> Names { get; } =
    [
        .. s_assembly
            .GetManifestResourceNames()
            .Where(name => name.StartsWith(Folder, StringComparison.Ordinal))
            .Order(StringComparer.Ordinal),
    ];

    internal static TraceReader Open(string name) =>
        TraceReader.Open(new GZipStream(s_assembly.GetManifestResourceStream(name)!, CompressionMode.Decompress), name);
}
