using Microsoft.CodeAnalysis;

namespace Kmaplab.Twins;

/// <summary>What kernel functions return and await.</summary>
internal sealed class KernelTypes
{
    internal const string Coroutines = "Kmaplab.Scheduler.Coroutines";

    private readonly INamedTypeSymbol _task;
    private readonly INamedTypeSymbol _taskOf;
    private readonly INamedTypeSymbol _step;
    private readonly INamedTypeSymbol _stepOf;

    private KernelTypes(
        INamedTypeSymbol task, INamedTypeSymbol taskOf, INamedTypeSymbol step, INamedTypeSymbol stepOf)
    {
        _task = task;
        _taskOf = taskOf;
        _step = step;
        _stepOf = stepOf;
    }

    /// <summary>They, as a compilation knows them; null if it does not, or knows a library without twins.</summary>
    internal static KernelTypes? Of(Compilation compilation) =>
        compilation.GetTypeByMetadataName($"{Coroutines}.KernelTask") is { } task
        && compilation.GetTypeByMetadataName($"{Coroutines}.KernelTask`1") is { } taskOf
        && compilation.GetTypeByMetadataName($"{Coroutines}.KernelStep") is { } step
        && compilation.GetTypeByMetadataName($"{Coroutines}.KernelStep`1") is { } stepOf
        && compilation.GetTypeByMetadataName($"{Coroutines}.Twins.PlainCalls") is not null
            ? new KernelTypes(task, taskOf, step, stepOf)
            : null;

    /// <summary>Whether a method is a kernel function: it returns a KernelTask.</summary>
    internal bool IsFunction(IMethodSymbol method) => IsTask(method.ReturnType);

    /// <summary>Whether a call's type is that of a kernel function.</summary>
    internal bool IsTask(ITypeSymbol? type) => Is(type, _task) || Is(type, _taskOf);

    /// <summary>Whether kernel code may await this.</summary>
    internal bool IsAwaited(ITypeSymbol? type) => IsTask(type) || Is(type, _step) || Is(type, _stepOf);

    /// <summary>What a kernel function yields; null if nothing.</summary>
    internal static ITypeSymbol? ResultOf(ITypeSymbol task) =>
        task is INamedTypeSymbol { Arity: 1 } named ? named.TypeArguments[0] : null;

    private static bool Is(ITypeSymbol? type, INamedTypeSymbol wanted) =>
        SymbolEqualityComparer.Default.Equals(type?.OriginalDefinition, wanted);
}
