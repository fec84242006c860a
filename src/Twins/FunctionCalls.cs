using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace Kmaplab.Twins;

/// <summary>What kernel functions of a compilation call.</summary>
internal sealed class FunctionCalls(Compilation compilation, KernelTypes kernel)
{
    private readonly Dictionary<IMethodSymbol, IMethodSymbol[]> _calls = new(SymbolEqualityComparer.Default);
    private ILookup<ISymbol?, IMethodSymbol>? _overrides;

    /// <summary>
    /// Whether a function may come to be called by what it calls. One that overrides another may be called by whatever
    /// the library of that one does.
    /// </summary>
    internal bool MayCallItself(IMethodSymbol function)
    {
        if (function.IsOverride)
            return true;

        var seen = new HashSet<IMethodSymbol>(SymbolEqualityComparer.Default);
        var pending = new Stack<IMethodSymbol>(CallsOf(function));
        while (pending.Count > 0)
        {
            IMethodSymbol next = pending.Pop();
            if (SymbolEqualityComparer.Default.Equals(next, function))
                return true;

            if (!seen.Add(next))
                continue;

            foreach (IMethodSymbol each in CallsOf(next).Concat(OverridesOf(next)))
                pending.Push(each);
        }

        return false;
    }

    /// <summary>
    /// Whether a function itself waits for what another task does: by schedule(), or for a word or a queue.
    /// </summary>
    internal bool Waits(MethodDeclarationSyntax method) => Called(method).Any(called =>
        kernel.IsAwaited(called.ReturnType)
        && !kernel.IsTask(called.ReturnType)
        && (called.Name == "Schedule" || called.Name.StartsWith("Await", StringComparison.Ordinal)));

    private IMethodSymbol[] CallsOf(IMethodSymbol function)
    {
        if (!_calls.TryGetValue(function, out IMethodSymbol[]? calls))
        {
            calls =
            [
                .. function.DeclaringSyntaxReferences
                    .Select(static place => place.GetSyntax())
                    .SelectMany(Called)
                    .Where(kernel.IsFunction),
            ];
            _calls.Add(function, calls);
        }

        return calls;
    }

    private IEnumerable<IMethodSymbol> Called(SyntaxNode function)
    {
        SemanticModel model = compilation.GetSemanticModel(function.SyntaxTree);
        return function.DescendantNodes()
            .OfType<InvocationExpressionSyntax>()
            .Select(call => model.GetSymbolInfo(call).Symbol)
            .OfType<IMethodSymbol>()
            .Select(static method => method.OriginalDefinition);
    }

    private IEnumerable<IMethodSymbol> OverridesOf(IMethodSymbol function)
    {
        _overrides ??= TypesIn(compilation.Assembly.GlobalNamespace)
            .SelectMany(static type => type.GetMembers().OfType<IMethodSymbol>())
            .Where(static method => method.OverriddenMethod is not null)
            .ToLookup(
                static method => (ISymbol?)method.OverriddenMethod!.OriginalDefinition,
                SymbolEqualityComparer.Default);
        return _overrides[function];
    }

    private static IEnumerable<INamedTypeSymbol> TypesIn(INamespaceOrTypeSymbol place) => place.GetMembers()
        .OfType<INamespaceOrTypeSymbol>()
        .SelectMany(static member => member is INamedTypeSymbol type
            ? TypesIn(type).Prepend(type)
            : TypesIn(member));
}
