using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using static Microsoft.CodeAnalysis.CSharp.SyntaxFactory;

namespace Kmaplab.Twins;

/// <summary>Finds the calls of one function in place of which its twin calls a twin.</summary>
internal sealed class TwinCalls(TwinPlan plan, SemanticModel model)
{
    private readonly Dictionary<SyntaxNode, TwinCall?> _found = [];
    private int _objects;

    /// <summary>A call that must have come to its end, and what it yields.</summary>
    internal static ExpressionSyntax Result(ExpressionSyntax task) => InvocationExpression(
        ParseExpression($"global::{KernelTypes.Coroutines}.Twins.PlainCalls.Result"),
        ArgumentList([Argument(task)]));

    /// <summary>A call as its twin would be called; null if that cannot be.</summary>
    internal TwinCall? Find(ExpressionSyntax task)
    {
        if (!_found.TryGetValue(task, out TwinCall? call))
        {
            call = Look(task);
            _found.Add(task, call);
        }

        return call;
    }

    private TwinCall? Look(ExpressionSyntax task)
    {
        if (task is not InvocationExpressionSyntax invocation
            || model.GetSymbolInfo(invocation).Symbol is not IMethodSymbol { ReducedFrom: null } method
            || !plan.HasTwin(method))
        {
            return null;
        }

        (ExpressionSyntax? of, SimpleNameSyntax? name) = invocation.Expression switch
        {
            SimpleNameSyntax alone => (null, alone),
            MemberAccessExpressionSyntax { RawKind: (int)SyntaxKind.SimpleMemberAccessExpression } access =>
                (access.Expression, access.Name),
            _ => (null, null),
        };
        if (name is null)
            return null;

        bool hasResult = KernelTypes.ResultOf(method.ReturnType) is not null;
        if (of is null || method.IsStatic || of is ThisExpressionSyntax or BaseExpressionSyntax || IsKnown(of))
            return new TwinCall(name, invocation.ArgumentList, hasResult) { Prefix = of };

        // The arguments are written twice, and so may declare nothing.
        return invocation.ArgumentList.DescendantNodes().Any(Declares)
            ? null
            : new TwinCall(name, invocation.ArgumentList, hasResult) { Object = of, Number = ++_objects };
    }

    // Whose class is the one that it is seen as, and has twins.
    private bool IsKnown(ExpressionSyntax of) =>
        model.GetTypeInfo(of).Type is INamedTypeSymbol { TypeKind: TypeKind.Class or TypeKind.Struct } type
        && !TwinPlan.MayBeAnother(type)
        && plan.MayHaveTwins(type);

    private static bool Declares(SyntaxNode node) =>
        node is AwaitExpressionSyntax or VariableDesignationSyntax or AnonymousFunctionExpressionSyntax;
}

/// <summary>A call of a function that has a twin.</summary>
internal sealed class TwinCall(SimpleNameSyntax name, ArgumentListSyntax arguments, bool hasResult)
{
    /// <summary>What the call is given.</summary>
    internal ArgumentListSyntax Arguments => arguments;

    /// <summary>Whether the function yields anything.</summary>
    internal bool HasResult => hasResult;

    /// <summary>What stands before the name, of which nothing has to be asked; null if nothing does.</summary>
    internal ExpressionSyntax? Prefix { get; set; }

    /// <summary>The object, if it has to be asked whether it has twins.</summary>
    internal ExpressionSyntax? Object { get; set; }

    /// <summary>The object's number within the twin.</summary>
    internal int Number { get; set; }

    private IdentifierNameSyntax Variable => IdentifierName($"plainTwin{Number}");

    /// <summary>Keeps the object, and asks it.</summary>
    internal ExpressionSyntax Test(ExpressionSyntax seen) => ParseExpression(
        $"({seen.ToFullString()}) is var {Variable} && {Variable}.{TwinPlan.Whole}");

    /// <summary>The twin's call.</summary>
    internal ExpressionSyntax Twin(ArgumentListSyntax given) =>
        Call(name.WithIdentifier(Identifier(name.Identifier.Text + TwinPlan.Suffix)), given);

    /// <summary>The function's own call.</summary>
    internal ExpressionSyntax Original(ArgumentListSyntax given) => Call(name, given);

    private InvocationExpressionSyntax Call(SimpleNameSyntax called, ArgumentListSyntax given)
    {
        ExpressionSyntax? of = Object is null ? Prefix?.WithoutTrivia() : Variable;
        ExpressionSyntax whole = called.WithoutTrivia();
        if (of is not null)
            whole = MemberAccessExpression(SyntaxKind.SimpleMemberAccessExpression, of, called.WithoutTrivia());

        return InvocationExpression(whole, given);
    }
}
