using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace Kmaplab.Twins;

/// <summary>Finds what might mean something else in a method that awaits nothing.</summary>
internal sealed class BodyCheck(KernelTypes kernel, SemanticModel model)
{
    private static readonly SyntaxKind[] s_strange =
    [
        SyntaxKind.NewKeyword, SyntaxKind.ExternKeyword, SyntaxKind.PartialKeyword,
    ];

    /// <summary>Why a method's declaration allows no twin; null if it does.</summary>
    internal static string? Signature(IMethodSymbol method, MethodDeclarationSyntax declared) =>
        declared.ExplicitInterfaceSpecifier is not null ? "it is explicitly an interface's"
        : declared.Modifiers.FirstOrDefault(static word => s_strange.Contains(word.Kind())) is { RawKind: not 0 } word
            ? $"it is {word.Text}"
        : method.Parameters.Any(static parameter => parameter.RefKind != RefKind.None)
            ? "it has parameters by reference"
        : method.ContainingType.GetMembers(method.Name + TwinPlan.Suffix).Length > 0
            ? "the twin's name is taken"
        : declared.Body is null && declared.ExpressionBody is null && !method.IsAbstract ? "it has no body"
        : null;

    /// <summary>Why what a method does allows no twin; null if it does.</summary>
    internal string? Body(MethodDeclarationSyntax declared)
    {
        if (declared.ContainsDirectives)
            return "the preprocessor has a part in it";

        foreach (SyntaxNode node in declared.DescendantNodes(static node => !IsFunctionWithin(node)))
        {
            if (Refusal(node) is { } refusal)
                return refusal;
        }

        return null;
    }

    /// <summary>Whether a node is a function of its own within a method; it stays as it is.</summary>
    internal static bool IsFunctionWithin(SyntaxNode node) =>
        node is AnonymousFunctionExpressionSyntax or LocalFunctionStatementSyntax;

    private string? Refusal(SyntaxNode node) => node switch
    {
        AwaitExpressionSyntax { Expression: var awaited } when !kernel.IsAwaited(model.GetTypeInfo(awaited).Type) =>
            "it awaits what is not the kernel's",
        CommonForEachStatementSyntax { AwaitKeyword.RawKind: not 0 } => "it has an await foreach",
        LocalDeclarationStatementSyntax { AwaitKeyword.RawKind: not 0 } => "it has an await using",
        UsingStatementSyntax { AwaitKeyword.RawKind: not 0 } => "it has an await using",

        // A filter is asked before what is thrown has left the functions further in; async ones are left one by one.
        CatchFilterClauseSyntax => "it filters exceptions",
        InvocationExpressionSyntax call when AsksForItsCaller(call) => "what it calls asks for the caller's name",
        _ => null,
    };

    private bool AsksForItsCaller(InvocationExpressionSyntax call) =>
        model.GetSymbolInfo(call).Symbol is IMethodSymbol method
        && method.Parameters.Any(static parameter => parameter.GetAttributes().Any(static attribute =>
            attribute.AttributeClass?.Name.StartsWith("Caller", StringComparison.Ordinal) == true));
}
