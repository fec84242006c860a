using System.Runtime.InteropServices;
using System.Text;
using System.Threading;
using Spectre.Console;

namespace Kmaplab.Stress.Screens;

/// <summary>The terminal of this process. It is given back whatever ends the command.</summary>
internal sealed class ConsoleScreen : IScreen
{
    private const int PeriodMs = 15;
    private const int WidthMax = 10_000;

    // The other page of the terminal, no cursor, no line breaks of its own; and back, with arrow keys as usual.
    private const string EnterCode = "\e[?1049h\e[?25l\e[?7l";
    private const string LeaveCode = "\e[0m\e[?7h\e[?25h\e[?1l\e>\e[?1049l";

    private readonly Lock _lock = new();
    private readonly TextWriter _out = Console.Out;
    private readonly bool _hasColor;
    private PosixSignalRegistration? _stop;
    private PosixSignalRegistration? _continue;
    private (int Columns, int Rows) _drawn;
    private bool _isOurs; // Entered and not left.
    private bool _isAway; // Left as the process is stopped.

    private ConsoleScreen(bool hasColor) => _hasColor = hasColor;

    public (int Columns, int Rows) Size => (Console.WindowWidth, Console.WindowHeight);

    /// <summary>The process's terminal; null if it has none, or one that cannot be drawn on.</summary>
    internal static ConsoleScreen? Find(bool hasColor) =>
        Console.IsInputRedirected
        || Console.IsOutputRedirected
        || Environment.GetEnvironmentVariable("TERM") is null or "" or "dumb"
            ? null
            : new ConsoleScreen(hasColor);

    public void Enter()
    {
        lock (_lock)
        {
            if (_isOurs)
                return;

            _isOurs = true;
            if (!OperatingSystem.IsWindows())
            {
                _stop = PosixSignalRegistration.Create(PosixSignal.SIGTSTP, _ => Pause());
                _continue = PosixSignalRegistration.Create(PosixSignal.SIGCONT, _ => GoOn());
            }

            Write(EnterCode);
        }
    }

    public void Leave()
    {
        lock (_lock)
        {
            if (!_isOurs)
                return;

            _isOurs = false;
            Write(LeaveCode);
        }

        _stop?.Dispose();
        _continue?.Dispose();
    }

    public void Show(IReadOnlyList<ScreenLine> lines)
    {
        (int columns, int rows) = Size;
        string picture = Render(lines, columns, rows, _hasColor);
        lock (_lock)
        {
            _drawn = (columns, rows);
            if (_isOurs && !_isAway)
                Write(picture);
        }
    }

    public bool TakeKey()
    {
        if (!Console.KeyAvailable)
            return false;

        Console.ReadKey(intercept: true);
        return true;
    }

    public ConsoleKeyInfo? Wait(CancellationToken cancellation)
    {
        while (!cancellation.WaitHandle.WaitOne(PeriodMs))
        {
            if (Console.KeyAvailable)
                return Console.ReadKey(intercept: true);

            lock (_lock)
            {
                if (_drawn != Size)
                    return null;
            }
        }

        return null;
    }

    /// <summary>Lines as a terminal takes them.</summary>
    internal static string Render(IReadOnlyList<ScreenLine> lines, int columns, int rows, bool hasColor)
    {
        using var text = new StringWriter();
        IAnsiConsole console = AnsiConsole.Create(new AnsiConsoleSettings
        {
            Out = new AnsiConsoleOutput(text),
            Ansi = AnsiSupport.Yes,
            ColorSystem = hasColor ? ColorSystemSupport.Standard : ColorSystemSupport.NoColors,
            Interactive = InteractionSupport.No,
        });
        console.Profile.Width = WidthMax; // Lines are cut here, not there.
        var picture = new StringBuilder("\e[H");
        for (int row = 0; row < Math.Min(lines.Count, rows); row++)
        {
            text.GetStringBuilder().Clear();
            foreach ((string piece, Style style) in lines[row].Cut(columns).Pieces)
                console.Write(new Text(piece, style));

            picture.Append(row == 0 ? "" : "\r\n").Append(text).Append("\e[0m\e[K");
        }

        return picture.Append("\e[J").ToString();
    }

    private void Pause()
    {
        lock (_lock)
        {
            if (_isAway)
                return;

            _isAway = true;
            Write(LeaveCode);
        }
    }

    private void GoOn()
    {
        lock (_lock)
        {
            if (!_isAway)
                return;

            _isAway = false;
            _drawn = default; // So that it is drawn again.
            Write(EnterCode);
        }
    }

    private void Write(string text)
    {
        _out.Write(text);
        _out.Flush();
    }
}
