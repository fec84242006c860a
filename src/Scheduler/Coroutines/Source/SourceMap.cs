using System.Collections.Concurrent;
using System.Reflection;
using System.Reflection.Metadata;
using System.Reflection.Metadata.Ecma335;
using System.Runtime.CompilerServices;

namespace Kmaplab.Scheduler.Coroutines.Source;

/// <summary>Where in the source a kernel function stands, by the symbols of its assembly.</summary>
/// <remarks>
/// Asked only when a trace or a finding is made, never while a step is simulated. What it remembers is what assemblies
/// say of themselves, and so never changes.
/// </remarks>
internal static class SourceMap
{
    private static readonly ConcurrentDictionary<Assembly, MetadataReaderProvider?> s_symbols = [];
    private static readonly ConcurrentDictionary<Type, FunctionLines?> s_functions = [];

    /// <summary>The symbols of the assemblies that were asked about until now.</summary>
    internal static IEnumerable<MetadataReaderProvider> Symbols => s_symbols.Values.OfType<MetadataReaderProvider>();

    /// <summary>The line at which a function is suspended; null if nobody knows.</summary>
    /// <param name="stateMachine">The function.</param>
    /// <param name="state">The number of the await.</param>
    internal static SourceLine? AtState(Type stateMachine, int state) => Lines(stateMachine)?.AtState(state);

    /// <summary>The line that a function executes; null if nobody knows.</summary>
    /// <param name="stateMachine">The function.</param>
    /// <param name="offset">Where in the code of its MoveNext() it is; negative if that is not known.</param>
    internal static SourceLine? AtOffset(Type stateMachine, int offset) =>
        offset < 0 ? null : Lines(stateMachine)?.AtOffset(offset);

    /// <summary>The line at which a function begins; null if nobody knows.</summary>
    internal static SourceLine? First(Type stateMachine) => Lines(stateMachine)?.First;

    private static FunctionLines? Lines(Type stateMachine) => s_functions.GetOrAdd(
        stateMachine.IsGenericType ? stateMachine.GetGenericTypeDefinition() : stateMachine,
        Read);

    private static FunctionLines? Read(Type stateMachine)
    {
        const BindingFlags Any = BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic;
        if (stateMachine.GetMethod(nameof(IAsyncStateMachine.MoveNext), Any) is not { } moveNext
            || s_symbols.GetOrAdd(stateMachine.Assembly, SymbolFile.Open) is not { } symbols)
        {
            return null;
        }

        try
        {
            return FunctionLines.Read(
                symbols.GetMetadataReader(),
                MetadataTokens.MethodDefinitionHandle(moveNext.MetadataToken & 0xFFFFFF),
                moveNext.GetMethodBody()?.GetILAsByteArray() ?? []);
        }
        catch (BadImageFormatException)
        {
            return null;
        }
    }
}
