using Kmaplab.Scheduler.Simulation.Memory;

namespace Kmaplab.Scheduler.Simulation.Cells;

/// <summary>Which words the steps that are known touch, and whose they are.</summary>
/// <remarks>
/// Nothing is declared: a word that only one context has touched is its own, until another one touches it, and one that
/// nobody has written has the value of the boot. Whatever is found to be otherwise later changes a role, and all that
/// was built on the roles is built again.
/// </remarks>
/// <param name="words">The number of words.</param>
/// <param name="hidden">Words that are left out: wrong, and there to show that it is noticed.</param>
internal sealed class WordRoles(int words, MemoryRegion? hidden = null)
{
    private const int Nobody = -1;
    private const int Many = -2;

    private readonly bool[] _isWritten = new bool[words];
    private readonly int[] _touchers = [.. Enumerable.Repeat(Nobody, words)];

    /// <summary>The number of words.</summary>
    internal int Words => words;

    /// <summary>Whether a word changes, and several contexts touch it.</summary>
    internal bool IsShared(int word) => _isWritten[word] && _touchers[word] == Many;

    /// <summary>Whether a word changes, and only this context touches it.</summary>
    internal bool IsOwn(int word, int context) => _isWritten[word] && _touchers[word] == context;

    /// <summary>A context looks at a word; true if that changes the role of the word.</summary>
    internal bool NoteRead(int word, int context) => Note(word, context, isWritten: false);

    /// <summary>A context changes a word; true if that changes the role of the word.</summary>
    internal bool NoteWrite(int word, int context) => Note(word, context, isWritten: true);

    private bool Note(int word, int context, bool isWritten)
    {
        if (hidden is not null && hidden.Contains(word))
            return false;

        (bool, int) before = Role(word);
        _isWritten[word] |= isWritten;
        if (_touchers[word] != context)
            _touchers[word] = _touchers[word] == Nobody ? context : Many;

        return Role(word) != before;
    }

    // Who touches a word that never changes makes no difference.
    private (bool IsWritten, int Toucher) Role(int word) =>
        _isWritten[word] ? (true, _touchers[word]) : (false, Nobody);
}
