using System.Buffers.Binary;
using System.Diagnostics;
using System.Reflection;
using System.Reflection.Metadata;
using System.Reflection.Metadata.Ecma335;
using System.Reflection.PortableExecutable;
using System.Runtime.Loader;
using System.Threading;

namespace Kmaplab.Scheduler.Coroutines.Source;

/// <summary>Copies of kernel code that the JIT leaves as it is written, so that each moment of it has a line.</summary>
/// <remarks>
/// Of optimized code the runtime knows only some lines, and which depends on when the JIT has got to it: a trace would
/// not be the same twice. So code that is to be traced is loaded a second time, as a module that says of itself that it
/// must not be optimized; not a byte but that of it differs. What knows this library is copied, so that all kernel code
/// is; the library itself is not, as machines and kernel code must mean the same by it.
/// </remarks>
internal sealed class UnoptimizedCode : AssemblyLoadContext
{
    private const int ModesOffset = 3; // Behind the length of the value, and its prolog.
    private const int ValueLength = 8; // Of an attribute that was given one int.

    private static readonly Lock s_copying = new();
    private static readonly Dictionary<Assembly, Assembly> s_copies = []; // Itself where there is none.
    private static readonly Dictionary<Assembly, string> s_paths = []; // Of the originals, by copy.
    private static readonly UnoptimizedCode s_context = new();

    private UnoptimizedCode()
        : base("unoptimized")
    {
    }

    /// <summary>
    /// The copy of a type; the type itself if there can be none, as for code that was never in a file.
    /// </summary>
    internal static Type Of(Type type)
    {
        Assembly copy = CopyOf(type.Assembly);
        return copy == type.Assembly ? type : copy.GetType(type.FullName!, throwOnError: true)!;
    }

    /// <summary>The file of an assembly, be it the original or the copy; empty if it has none.</summary>
    internal static string PathOf(Assembly assembly)
    {
        lock (s_copying)
            return s_paths.GetValueOrDefault(assembly, assembly.Location);
    }

    /// <summary>What a copy refers to: copies too, where there are any.</summary>
    protected override Assembly? Load(AssemblyName assemblyName)
    {
        try
        {
            return CopyOf(Default.LoadFromAssemblyName(assemblyName));
        }
        catch (FileNotFoundException)
        {
            return null; // Then nobody has it, which the runtime says better.
        }
    }

    private static Assembly CopyOf(Assembly original)
    {
        lock (s_copying)
        {
            if (s_copies.TryGetValue(original, out Assembly? known))
                return known;

            Assembly? copy = IsKernelCode(original) ? Copy(original) : null;
            return s_copies[original] = copy ?? original;
        }
    }

    private static bool IsKernelCode(Assembly assembly)
    {
        string library = typeof(UnoptimizedCode).Assembly.GetName().Name!;
        return !assembly.IsDynamic
            && GetLoadContext(assembly) == Default
            && assembly.GetReferencedAssemblies().Any(reference => reference.Name == library);
    }

    private static Assembly? Copy(Assembly original)
    {
        try
        {
            if (original.Location is not { Length: > 0 } path || Unoptimized(original, path) is not { } image)
                return null;

            Assembly copy = s_context.LoadFromStream(new MemoryStream(image, writable: false));
            s_paths[copy] = path;
            return copy;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException
            or BadImageFormatException or FileLoadException)
        {
            return null;
        }
    }

    /// <summary>The image of an assembly that is not to be optimized; null if it says so already, or cannot.</summary>
    private static byte[]? Unoptimized(Assembly original, string path)
    {
        byte[] image = File.ReadAllBytes(path);
        using var file = new PEReader(new MemoryStream(image, writable: false));
        MetadataReader metadata = file.GetMetadataReader();
        Guid version = metadata.GetGuid(metadata.GetModuleDefinition().Mvid);
        if (version != original.ManifestModule.ModuleVersionId || DebuggableValue(metadata) is not { } value)
            return null; // Built again since it was loaded.

        int start = file.PEHeaders.MetadataStartOffset
            + metadata.GetHeapMetadataOffset(HeapIndex.Blob)
            + MetadataTokens.GetHeapOffset(value);
        Span<byte> modes = image.AsSpan(start + ModesOffset, sizeof(int));
        int said = BinaryPrimitives.ReadInt32LittleEndian(modes);
        const int Unoptimized = (int)(
            DebuggableAttribute.DebuggingModes.Default | DebuggableAttribute.DebuggingModes.DisableOptimizations);
        if (image[start] != ValueLength || (said & Unoptimized) == Unoptimized)
            return null;

        BinaryPrimitives.WriteInt32LittleEndian(modes, said | Unoptimized);
        return image;
    }

    /// <summary>
    /// Where an assembly says what the JIT may do to it; null if it does not, or if another attribute has just the same
    /// value, as then both are one.
    /// </summary>
    private static BlobHandle? DebuggableValue(MetadataReader metadata)
    {
        foreach (CustomAttributeHandle handle in metadata.GetAssemblyDefinition().GetCustomAttributes())
        {
            CustomAttribute attribute = metadata.GetCustomAttribute(handle);
            if (!IsDebuggable(metadata, attribute))
                continue;

            bool isAlone = metadata.CustomAttributes.Count(other =>
                metadata.GetCustomAttribute(other).Value == attribute.Value) == 1;
            return isAlone ? attribute.Value : null;
        }

        return null;
    }

    private static bool IsDebuggable(MetadataReader metadata, CustomAttribute attribute)
    {
        if (attribute.Constructor.Kind != HandleKind.MemberReference)
            return false;

        EntityHandle type = metadata.GetMemberReference((MemberReferenceHandle)attribute.Constructor).Parent;
        return type.Kind == HandleKind.TypeReference
            && metadata.StringComparer.Equals(
                metadata.GetTypeReference((TypeReferenceHandle)type).Name, nameof(DebuggableAttribute));
    }
}
