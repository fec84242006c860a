using System.Reflection;
using System.Reflection.Metadata;
using System.Reflection.PortableExecutable;

namespace Kmaplab.Scheduler.Coroutines.Source;

/// <summary>Finds the portable symbols of an assembly: in it, or in the file beside it.</summary>
internal static class SymbolFile
{
    /// <summary>
    /// The symbols, read as a whole, which whoever uses them must keep; null if there are none that belong to it.
    /// </summary>
    internal static MetadataReaderProvider? Open(Assembly assembly)
    {
        // One that was loaded from memory lies nowhere.
        if (assembly.IsDynamic || UnoptimizedCode.PathOf(assembly) is not { Length: > 0 } path)
            return null;

        try
        {
            using var file = new PEReader(File.OpenRead(path));
            return file.TryOpenAssociatedPortablePdb(path, OpenWhole, out MetadataReaderProvider? symbols, out _)
                ? symbols
                : null;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException
            or BadImageFormatException or InvalidOperationException or NotSupportedException)
        {
            return null;
        }
    }

    // No file stays open: a module can be built again while it is looked at.
    private static MemoryStream? OpenWhole(string path) =>
        File.Exists(path) ? new MemoryStream(File.ReadAllBytes(path), writable: false) : null;
}
