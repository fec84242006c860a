using System.Threading;

namespace Kmaplab.Stress.Screens;

/// <summary>A whole terminal: what is drawn on it, and the keys that are pressed.</summary>
internal interface IScreen
{
    /// <summary>Its size now.</summary>
    (int Columns, int Rows) Size { get; }

    /// <summary>Takes the terminal over.</summary>
    void Enter();

    /// <summary>Gives it back as it was; harmless if that has been done.</summary>
    void Leave();

    /// <summary>Draws lines from the top, instead of all that was there; what does not fit is cut off.</summary>
    void Show(IReadOnlyList<ScreenLine> lines);

    /// <summary>Whether a key was pressed that nobody has waited for yet; takes it if so.</summary>
    bool TakeKey();

    /// <summary>
    /// Waits for a key; null if there is something else to see to: the size has changed, the terminal has come back, or
    /// nobody is there any more.
    /// </summary>
    ConsoleKeyInfo? Wait(CancellationToken cancellation);
}
