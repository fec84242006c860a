namespace Kmaplab.Scheduler.Simulation.Memory;

/// <summary>The contexts whose status or pending operation has changed since somebody looked, each once.</summary>
internal sealed class ContextChanges(int contexts)
{
    private readonly int[] _changed = new int[contexts];
    private readonly bool[] _isChanged = new bool[contexts];
    private int _count;

    /// <summary>The contexts, in no order that means anything.</summary>
    internal ReadOnlySpan<int> Contexts => _changed.AsSpan(0, _count);

    internal void Add(int context)
    {
        if (_isChanged[context])
            return;

        _isChanged[context] = true;
        _changed[_count++] = context;
    }

    /// <summary>All may have changed.</summary>
    internal void AddAll()
    {
        for (int context = 0; context < _isChanged.Length; context++)
            Add(context);
    }

    /// <summary>They were looked at.</summary>
    internal void Clear()
    {
        foreach (int context in Contexts)
            _isChanged[context] = false;

        _count = 0;
    }
}
