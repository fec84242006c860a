namespace Kmaplab.Scheduler.Simulation.Cells;

/// <summary>Which words the steps that are known touch, and whose they are.</summary>
/// <remarks>
/// Nothing is declared: a word that only one context has touched is its own, until another one touches it, and one that
/// nobody has written has the value of the boot. Whatever is found to be otherwise later changes a role, and all that
/// was built on the roles is built again.
/// </remarks>
internal sealed class WordRoles(int words)
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

    /// <summary>A context reads a word, or changes it; true if that is new for its role.</summary>
    internal bool Note(int word, int context, bool isWritten)
    {
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
