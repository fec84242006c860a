using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace Kmaplab.Twins;

/// <summary>Which kernel functions of a compilation, and of the libraries that it uses, have a twin.</summary>
/// <remarks>
/// A twin calls the twins of what its function calls, and so goes past an override that has none. Therefore a class
/// has twins only if each of its overrides has one, and says of itself that it does; who calls a function of an object
/// that is of another class, which says nothing, calls the function itself.
/// </remarks>
internal sealed class TwinPlan(Compilation compilation, KernelTypes kernel)
{
    /// <summary>What a twin is called, behind the name of its function.</summary>
    internal const string Suffix = "AtOnce";

    /// <summary>The property by which an object says that its class has all twins.</summary>
    internal const string Whole = "HasAllPlainTwins";

    private readonly Dictionary<IMethodSymbol, string?> _refusals = new(SymbolEqualityComparer.Default);
    private readonly Dictionary<INamedTypeSymbol, Standing> _standings = new(SymbolEqualityComparer.Default);

    internal KernelTypes Kernel => kernel;

    internal FunctionCalls Calls { get; } = new(compilation, kernel);

    /// <summary>Whether all of a type and of what it stands in can be written elsewhere too.</summary>
    internal static bool IsPartial(TypeDeclarationSyntax type)
    {
        for (SyntaxNode? node = type; node is not null; node = node.Parent)
        {
            if (node is TypeDeclarationSyntax declared
                && (!declared.Modifiers.Any(SyntaxKind.PartialKeyword)
                    || declared.Modifiers.Any(SyntaxKind.FileKeyword)))
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>Whether twins may be written into a type.</summary>
    internal bool MayHaveTwins(INamedTypeSymbol type) => StandingOf(type) is Standing.Root or Standing.Derived;

    /// <summary>Whether a class is the first of its bases that has twins.</summary>
    internal bool IsRoot(INamedTypeSymbol type) => StandingOf(type) == Standing.Root;

    /// <summary>Whether objects that are seen as this may be of a class that has no twins.</summary>
    internal static bool MayBeAnother(INamedTypeSymbol type) => type is { IsSealed: false, IsValueType: false };

    /// <summary>Whether a method has a twin.</summary>
    internal bool HasTwin(IMethodSymbol method)
    {
        IMethodSymbol original = method.OriginalDefinition;
        if (!kernel.IsFunction(original) || original.MethodKind != MethodKind.Ordinary)
            return false;

        return SymbolEqualityComparer.Default.Equals(original.ContainingAssembly, compilation.Assembly)
            ? MayHaveTwins(original.ContainingType) && Refusal(original) is null
            : HasTwinElsewhere(original);
    }

    /// <summary>Why a method of this compilation has no twin; null if it has.</summary>
    internal string? Refusal(IMethodSymbol method)
    {
        if (!_refusals.TryGetValue(method, out string? refusal))
        {
            refusal = FindRefusal(method);
            _refusals.Add(method, refusal);
        }

        return refusal;
    }

    // A library's own generator has written it.
    private bool HasTwinElsewhere(IMethodSymbol method) => method.ContainingType
        .GetMembers(method.Name + Suffix)
        .OfType<IMethodSymbol>()
        .Any(twin => SameParameters(twin, method) && compilation.IsSymbolAccessibleWithin(twin, compilation.Assembly)
            || SameParameters(twin, method)
                && twin.DeclaredAccessibility is Accessibility.Protected or Accessibility.ProtectedOrInternal);

    private static bool SameParameters(IMethodSymbol one, IMethodSymbol other) =>
        one.Arity == other.Arity
        && one.Parameters.Length == other.Parameters.Length
        && one.Parameters.Zip(other.Parameters, static (left, right) =>
            left.RefKind == right.RefKind && left.Type.ToDisplayString() == right.Type.ToDisplayString())
            .All(static same => same);

    private string? FindRefusal(IMethodSymbol method)
    {
        if (!kernel.IsFunction(method) || method.MethodKind != MethodKind.Ordinary)
            return "it is no kernel function";

        if (method.OverriddenMethod is { } overridden && !HasTwin(overridden))
            return "what it overrides has no twin";

        if (method.DeclaringSyntaxReferences.Length != 1
            || method.DeclaringSyntaxReferences[0].GetSyntax() is not MethodDeclarationSyntax declared)
        {
            return "it is written in several places";
        }

        SemanticModel model = compilation.GetSemanticModel(declared.SyntaxTree);
        return BodyCheck.Signature(method, declared) ?? new BodyCheck(kernel, model).Body(declared);
    }

    private Standing StandingOf(INamedTypeSymbol type)
    {
        type = type.OriginalDefinition;
        if (!_standings.TryGetValue(type, out Standing standing))
        {
            standing = FindStanding(type);
            _standings.Add(type, standing);
        }

        return standing;
    }

    private Standing FindStanding(INamedTypeSymbol type)
    {
        Standing below = type.BaseType is { SpecialType: SpecialType.None } based ? StandingOf(based) : Standing.None;
        if (below == Standing.Broken)
            return Standing.Broken;

        if (!SymbolEqualityComparer.Default.Equals(type.ContainingAssembly, compilation.Assembly))
        {
            return type.GetMembers(Whole).Length > 0 ? below == Standing.None ? Standing.Root : Standing.Derived
                : below == Standing.None ? Standing.None
                : Standing.Broken;
        }

        IMethodSymbol[] functions = [.. type.GetMembers().OfType<IMethodSymbol>().Where(kernel.IsFunction)];
        bool canBe = IsWritable(type);
        if (below == Standing.None)
            return canBe && functions.Any(function => Refusal(function) is null) ? Standing.Root : Standing.None;

        return canBe && functions.All(function => function.OverriddenMethod is null || Refusal(function) is null)
            ? Standing.Derived
            : Standing.Broken;
    }

    // A method of a struct works on a copy if it is async, and on the struct itself if it is not.
    private static bool IsWritable(INamedTypeSymbol type) =>
        !type.IsRecord // It would print and compare what is added to it.
        && (type.TypeKind == TypeKind.Class || type is { TypeKind: TypeKind.Struct, IsReadOnly: true })
        && type.GetMembers(Whole).Length == 0
        && type.DeclaringSyntaxReferences.All(static place =>
            place.GetSyntax() is TypeDeclarationSyntax declared && IsPartial(declared));

    private enum Standing
    {
        /// <summary>It has no twins, and neither have its bases.</summary>
        None,

        /// <summary>It has twins, and its bases have none.</summary>
        Root,

        /// <summary>It has all twins that it needs beside those of its bases.</summary>
        Derived,

        /// <summary>Its bases have twins, and it overrides what they are of.</summary>
        Broken,
    }
}
