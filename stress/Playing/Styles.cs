using Spectre.Console;

namespace Kmaplab.Stress.Playing;

/// <summary>How things are shown. Words and signs say the same, so that nothing is lost without colours.</summary>
internal static class Styles
{
    internal static Style Dim { get; } = new(decoration: Decoration.Dim);

    internal static Style Picked { get; } = new(decoration: Decoration.Bold);

    internal static Style Changed { get; } = new(Color.Yellow, decoration: Decoration.Bold);

    internal static Style Wrong { get; } = new(Color.Red, decoration: Decoration.Bold);

    internal static Style Message { get; } = new(Color.Aqua);

    internal static Style Stopped { get; } = new(Color.Grey);

    internal static Style Runs { get; } = new(Color.Green);
}
