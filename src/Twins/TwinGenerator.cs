using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace Kmaplab.Twins;

/// <summary>
/// Writes a plain twin of each kernel function: the same text, in which nothing waits for a kernel that has always
/// done at once what it is asked for.
/// </summary>
/// <remarks>
/// On threads no call is ever suspended, and yet each pays for a state machine that could be. What is read, verified
/// and recorded is the function that somebody wrote; the twin is made of it anew by every build. Whatever is not known
/// to mean the same without await has no twin, and runs as it is.
/// </remarks>
[Generator(LanguageNames.CSharp)]
public sealed class TwinGenerator : IIncrementalGenerator
{
    /// <inheritdoc/>
    public void Initialize(IncrementalGeneratorInitializationContext context)
    {
        IncrementalValuesProvider<TypeDeclarationSyntax> types = context.SyntaxProvider.CreateSyntaxProvider(
            static (node, _) => node is TypeDeclarationSyntax type && TwinPlan.IsPartial(type),
            static (found, _) => (TypeDeclarationSyntax)found.Node);
        context.RegisterSourceOutput(
            context.CompilationProvider.Combine(types.Collect()),
            static (output, given) => Write(output, given.Left, [.. given.Right]));
    }

    private static void Write(
        SourceProductionContext output, Compilation compilation, IReadOnlyList<TypeDeclarationSyntax> types)
    {
        if (KernelTypes.Of(compilation) is not { } kernel)
            return; // Nothing here knows of kernel functions.

        var plan = new TwinPlan(compilation, kernel);
        var written = new HashSet<INamedTypeSymbol>(SymbolEqualityComparer.Default);
        foreach (TypeDeclarationSyntax type in types)
        {
            output.CancellationToken.ThrowIfCancellationRequested();
            SemanticModel model = compilation.GetSemanticModel(type.SyntaxTree);
            if (model.GetDeclaredSymbol(type) is not INamedTypeSymbol symbol || !plan.MayHaveTwins(symbol))
                continue;

            var writer = new TwinWriter(plan, model, type, symbol);
            if (writer.Text(writesWhole: written.Add(symbol)) is { } text)
                output.AddSource(writer.FileName, text);
        }
    }
}
