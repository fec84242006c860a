using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using static Microsoft.CodeAnalysis.CSharp.SyntaxFactory;

namespace Kmaplab.Twins;

/// <summary>Makes of a function's body that of its twin.</summary>
/// <remarks>
/// An await of a function becomes a call of its twin; an await of anything else, and a call of whose object nobody
/// knows that it has twins, becomes a call that must have come to its end.
/// </remarks>
internal sealed class TwinRewriter(TwinPlan plan, SemanticModel model, MethodDeclarationSyntax method)
    : CSharpSyntaxRewriter
{
    private readonly TwinCalls _calls = new(plan, model);
    private readonly bool _isAsync = method.Modifiers.Any(SyntaxKind.AsyncKeyword);
    private readonly bool _hasResult = model.GetDeclaredSymbol(method) is { } function
        && KernelTypes.ResultOf(function.ReturnType) is not null;

    internal BlockSyntax Body()
    {
        if (method.Body is { } body)
            return (BlockSyntax)Visit(body)!;

        ExpressionSyntax expression = method.ExpressionBody!.Expression;
        return !_isAsync ? Returned(expression)
            : expression is ThrowExpressionSyntax thrown ? Block(ThrowStatement(Expression(thrown.Expression)))
            : _hasResult ? Block(ReturnStatement(Expression(expression)))
            : expression is AwaitExpressionSyntax awaited ? Block(Statement(awaited.Expression))
            : Block(ExpressionStatement(Expression(expression)));
    }

    /// <inheritdoc/>
    public override SyntaxNode? Visit(SyntaxNode? node) =>
        node is not null && BodyCheck.IsFunctionWithin(node) ? node : base.Visit(node);

    /// <inheritdoc/>
    public override SyntaxNode? VisitAwaitExpression(AwaitExpressionSyntax node) => Value(node.Expression);

    /// <inheritdoc/>
    public override SyntaxNode? VisitExpressionStatement(ExpressionStatementSyntax node) =>
        node.Expression is AwaitExpressionSyntax awaited
            ? Statement(awaited.Expression)
            : base.VisitExpressionStatement(node);

    /// <inheritdoc/>
    public override SyntaxNode? VisitReturnStatement(ReturnStatementSyntax node) =>
        _isAsync || node.Expression is null ? base.VisitReturnStatement(node) : Returned(node.Expression);

    /// <inheritdoc/>
    public override SyntaxNode? VisitInterpolation(InterpolationSyntax node) =>
        ((InterpolationSyntax)base.VisitInterpolation(node)!)
            .WithExpression(ParenthesizedExpression(Expression(node.Expression))); // A colon would begin a format.

    private ExpressionSyntax Expression(ExpressionSyntax expression) => (ExpressionSyntax)Visit(expression)!;

    private static ExpressionSyntax Bare(ExpressionSyntax expression) =>
        expression is ParenthesizedExpressionSyntax inner ? Bare(inner.Expression) : expression;

    // What a call of a kernel function yields, as an expression.
    private ExpressionSyntax Value(ExpressionSyntax task)
    {
        task = Bare(task);
        return _calls.Find(task) is not { } call ? TwinCalls.Result(Expression(task))
            : call.Object is null ? Twin(call)
            : !call.HasResult ? TwinCalls.Result(Expression(task)) // There is no conditional expression of type void.
            : ParenthesizedExpression(
                ConditionalExpression(call.Test(Expression(call.Object)), Twin(call), Original(call)));
    }

    // A call of a kernel function whose result nobody wants.
    private StatementSyntax Statement(ExpressionSyntax task)
    {
        task = Bare(task);
        return _calls.Find(task) is not { } call ? ExpressionStatement(TwinCalls.Result(Expression(task)))
            : call.Object is null ? ExpressionStatement(Twin(call))
            : Block(
                IfStatement(
                    call.Test(Expression(call.Object)),
                    ExpressionStatement(Twin(call)),
                    ElseClause(ExpressionStatement(Original(call)))));
    }

    private ExpressionSyntax Twin(TwinCall call) => call.Twin((ArgumentListSyntax)Visit(call.Arguments)!);

    private ExpressionSyntax Original(TwinCall call) =>
        TwinCalls.Result(call.Original((ArgumentListSyntax)Visit(call.Arguments)!));

    // A function that is not async hands on a call that another one has made.
    private BlockSyntax Returned(ExpressionSyntax task) => _hasResult
        ? Block(ReturnStatement(ReturnedValue(task)))
        : Block(ReturnedCall(task), ReturnStatement());

    private ExpressionSyntax ReturnedValue(ExpressionSyntax task) => Bare(task) switch
    {
        ConditionalExpressionSyntax choice => ParenthesizedExpression(
            ConditionalExpression(
                ParenthesizedExpression(Expression(choice.Condition)),
                ReturnedValue(choice.WhenTrue),
                ReturnedValue(choice.WhenFalse))),
        ThrowExpressionSyntax thrown => Expression(thrown),
        InvocationExpressionSyntax call when _calls.Find(call) is not null => Value(call),
        var other => TwinCalls.Result(AsTask(other)),
    };

    private StatementSyntax ReturnedCall(ExpressionSyntax task) => Bare(task) switch
    {
        ConditionalExpressionSyntax choice => Block(
            IfStatement(
                Expression(choice.Condition),
                Block(ReturnedCall(choice.WhenTrue)),
                ElseClause(Block(ReturnedCall(choice.WhenFalse))))),
        ThrowExpressionSyntax thrown => ThrowStatement(Expression(thrown.Expression)),
        InvocationExpressionSyntax call when _calls.Find(call) is not null => Statement(call),
        var other => ExpressionStatement(TwinCalls.Result(AsTask(other))),
    };

    // What is not written as a task becomes one where it is returned.
    private CastExpressionSyntax AsTask(ExpressionSyntax task) =>
        CastExpression(method.ReturnType.WithoutTrivia(), ParenthesizedExpression(Expression(task)));
}
