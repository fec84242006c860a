using System.Reflection;
using System.Runtime.InteropServices;
using System.Threading;
using Kmaplab.Allocator;
using Kmaplab.Stress.Processes;

namespace Kmaplab.Stress.Benchmarks.Loads;

/// <summary>
/// The same algorithm in C (native/kmap.c), compiled when it is first asked for by the C compiler of this machine.
/// </summary>
internal sealed unsafe class NativeKmaps : IDisposable
{
    private const string Source = "Benchmarks/kmap.c";
    private static readonly TimeSpan s_compileMax = TimeSpan.FromMinutes(1);
    private static readonly Lazy<nint> s_library = new(Compile);

    private readonly nint _machine;

    internal NativeKmaps(int threads, int slots, int pages)
    {
        MemoryMap map = MemoryMap.Create(pages);
        int[] buckets = [.. Enumerable.Range(0, pages).Select(page => map.Hash(new Page(page)))];
        var boot = (delegate* unmanaged<int, int, int, int*, nint>)Function("kmap_boot");
        fixed (int* first = buckets)
            _machine = boot(threads, slots, pages, first);
    }

    /// <summary>Why there is none; null if there is.</summary>
    internal static string? Problem
    {
        get
        {
            try
            {
                return s_library.Value == 0 ? "no C compiler (cc) on this machine" : null;
            }
            catch (Exception exception) when (exception is InvalidOperationException or DllNotFoundException)
            {
                return exception.Message;
            }
        }
    }

    /// <summary>Pairs of the first thread, made by the calling one.</summary>
    internal void Pairs(long pairs) =>
        ((delegate* unmanaged<nint, int, long, void>)Function("kmap_pairs"))(_machine, 0, pairs);

    /// <summary>Atomic pairs, made by the calling thread.</summary>
    internal void AtomicPairs(long pairs) =>
        ((delegate* unmanaged<nint, long, void>)Function("kmap_atomic_pairs"))(_machine, pairs);

    /// <summary>So many pairs by each thread.</summary>
    internal void Run(long pairs) => ((delegate* unmanaged<nint, long, void>)Function("kmap_run"))(_machine, pairs);

    /// <summary>Two threads hand a turn to and fro.</summary>
    internal void Turns(long turns) => ((delegate* unmanaged<nint, long, void>)Function("kmap_turns"))(_machine, turns);

    /// <inheritdoc/>
    public void Dispose() => ((delegate* unmanaged<nint, void>)Function("kmap_free"))(_machine);

    private static nint Function(string name) => NativeLibrary.GetExport(s_library.Value, name);

    private static nint Compile()
    {
        DirectoryInfo place = Directory.CreateTempSubdirectory("kmaplab-");
        try
        {
            string source = Path.Combine(place.FullName, "kmap.c");
            string library = Path.Combine(place.FullName, "libkmap.so");
            using (Stream text = Assembly.GetExecutingAssembly().GetManifestResourceStream(Source)!)
            using (FileStream file = File.Create(source))
                text.CopyTo(file);

            string[] arguments = ["-O2", "-shared", "-fPIC", "-pthread", "-o", library, source];
            if (ChildProcess.Run("cc", arguments, place.FullName, s_compileMax, CancellationToken.None) is not { } run)
                return 0; // No compiler.

            if (run.Code != 0)
                throw new InvalidOperationException($"cc does not compile the baseline: {run.Errors.Split('\n')[0]}");

            return NativeLibrary.Load(library);
        }
        catch (TimeoutException exception)
        {
            throw new InvalidOperationException($"cc does not compile the baseline: {exception.Message}", exception);
        }
        finally
        {
            place.Delete(recursive: true); // What is loaded stays.
        }
    }
}
