using Kmaplab.Scheduler.Simulation.Memory;

namespace Kmaplab.Scheduler.Simulation.Memo;

/// <summary>Which words of a state somebody looks at who judges it.</summary>
/// <remarks>
/// A look at a stack is one at the words that hold its hash. Whoever looks in a way that is not logged has to say so by
/// <see cref="NoteAll"/>: what is judged then is known of this state alone.
/// </remarks>
internal sealed class LookLog(TouchLog log, int stackBase, int stackWords, MemoryRegion? hidden)
{
    private readonly List<int> _words = [];
    private bool _isOn;
    private bool _seesAll;

    /// <summary>The words that were looked at.</summary>
    internal IReadOnlyList<int> Words => _words;

    /// <summary>Somebody begins to judge.</summary>
    internal void Begin()
    {
        _seesAll = false;
        _isOn = true;
        log.Begin();
    }

    /// <summary>Somebody has judged; false if not all that was looked at is known.</summary>
    internal bool End()
    {
        log.End();
        _isOn = false;
        _words.Clear();
        foreach (int word in log.Addresses)
        {
            if (hidden is null || !hidden.Contains(word))
                _words.Add(word);
        }

        return !_seesAll;
    }

    /// <summary>Somebody looks at a stack.</summary>
    internal void NoteStack(int context)
    {
        if (_isOn)
            log.Touch(stackBase + (context * stackWords), stackWords);
    }

    /// <summary>Somebody looks at the whole state, or at what is no part of it.</summary>
    internal void NoteAll() => _seesAll = true;
}
