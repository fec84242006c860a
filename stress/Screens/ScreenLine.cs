using System.Text;
using Kmaplab.Stress.Reports.Printing;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace Kmaplab.Stress.Screens;

/// <summary>A line of a terminal: pieces of text, each in its style.</summary>
internal sealed class ScreenLine
{
    private readonly List<(string Text, Style Style)> _pieces = [];

    internal IReadOnlyList<(string Text, Style Style)> Pieces => _pieces;

    internal string Text => string.Concat(_pieces.Select(piece => piece.Text));

    /// <summary>The columns that it takes.</summary>
    internal int Width => _pieces.Sum(piece => WidthOf(piece.Text));

    /// <summary>Adds text that may come from anywhere.</summary>
    internal ScreenLine Add(string text, Style? style = null)
    {
        _pieces.Add((Printable.Lines(text.ReplaceLineEndings(" ")), style ?? Style.Plain));
        return this;
    }

    /// <summary>Adds blanks up to a column; one at least.</summary>
    internal ScreenLine PadTo(int column) => Add(new string(' ', Math.Max(1, column - Width)));

    /// <summary>The same in no more than so many columns.</summary>
    internal ScreenLine Cut(int columns)
    {
        if (Width <= columns)
            return this;

        var cut = new ScreenLine();
        int left = columns - 1;
        foreach ((string text, Style style) in _pieces)
        {
            string fitting = Fitting(text, left);
            cut._pieces.Add((fitting, style));
            left -= WidthOf(fitting);
            if (fitting.Length < text.Length)
                break;
        }

        cut._pieces.Add(("…", Style.Plain));
        return cut;
    }

    private static string Fitting(string text, int columns)
    {
        var fitting = new StringBuilder();
        foreach (Rune rune in text.EnumerateRunes())
        {
            columns -= WidthOf(rune.ToString());
            if (columns < 0)
                break;

            fitting.Append(rune);
        }

        return fitting.ToString();
    }

    private static int WidthOf(string text) => Ascii.IsValid(text) ? text.Length : new Segment(text).CellCount();
}
