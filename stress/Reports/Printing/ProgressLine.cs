using System.Diagnostics;

namespace Kmaplab.Stress.Reports.Printing;

/// <summary>One line on a terminal that is written over and over; nothing where nobody watches.</summary>
internal sealed class ProgressLine(Terminal terminal)
{
    private const int PeriodMs = 100;

    private readonly Stopwatch _sinceLast = Stopwatch.StartNew();
    private int _width;

    /// <summary>Shows the line, unless it was shown a moment ago.</summary>
    internal void Show(Func<string> line)
    {
        if (!terminal.IsInteractive || _sinceLast.ElapsedMilliseconds < PeriodMs)
            return;

        _sinceLast.Restart();
        string text = line();
        terminal.Error.Write($"\r{text.PadRight(_width)}");
        _width = text.Length;
    }

    /// <summary>Takes the line away.</summary>
    internal void Clear()
    {
        if (_width > 0)
            terminal.Error.Write($"\r{"".PadRight(_width)}\r");

        _width = 0;
    }
}
