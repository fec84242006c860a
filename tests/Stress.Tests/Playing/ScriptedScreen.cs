using System.Threading;
using Kmaplab.Stress.Screens;

namespace Kmaplab.Stress.Tests.Playing;

/// <summary>A terminal on which keys are pressed by themselves; it remembers what was drawn.</summary>
internal sealed class ScriptedScreen(params IEnumerable<ConsoleKeyInfo> keys) : IScreen
{
    private readonly Queue<ConsoleKeyInfo> _keys = new(keys);

    internal List<string[]> Pictures { get; } = [];

    internal bool IsOurs { get; private set; }

    /// <summary>How often it is asked for a key, while nobody waits for one, until there is one.</summary>
    internal int AskedInVain { get; set; } = int.MaxValue;

    public (int Columns, int Rows) Size { get; set; } = (100, 30);

    public void Enter() => IsOurs = true;

    public void Leave() => IsOurs = false;

    public void Show(IReadOnlyList<ScreenLine> lines) => Pictures.Add([.. lines.Select(line => line.Text)]);

    public bool TakeKey() => AskedInVain-- == 0;

    public ConsoleKeyInfo? Wait(CancellationToken cancellation) => _keys.Dequeue();

    /// <summary>Letters as keys; the arrows as &lt; &gt; ^ v, and a line end as Enter.</summary>
    internal static IEnumerable<ConsoleKeyInfo> Keys(string letters) => letters.Select(letter => letter switch
    {
        '<' => Key(ConsoleKey.LeftArrow),
        '>' => Key(ConsoleKey.RightArrow),
        '^' => Key(ConsoleKey.UpArrow),
        'v' => Key(ConsoleKey.DownArrow),
        '\n' => Key(ConsoleKey.Enter),
        '$' => Key(ConsoleKey.End),
        _ => new ConsoleKeyInfo(letter, ConsoleKey.None, shift: false, alt: false, control: false),
    });

    private static ConsoleKeyInfo Key(ConsoleKey key) => new('\0', key, shift: false, alt: false, control: false);
}
