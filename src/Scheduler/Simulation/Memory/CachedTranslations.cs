namespace Kmaplab.Scheduler.Simulation.Memory;

/// <summary>
/// Where the TLBs of a large machine have something, so that a flush of all, and another boot, cost what is there and
/// not what could be.
/// </summary>
/// <remarks>
/// A place may be listed twice, or be empty by now; what matters is that none with a translation is missing. So it is
/// kept only where nobody but the MMU writes into TLBs, and forgotten when memory is restored.
/// </remarks>
internal sealed class CachedTranslations
{
    private readonly List<int> _addresses = [];
    private bool _isComplete = true;

    /// <summary>A TLB gets a translation, in this word.</summary>
    internal void Add(int address) => _addresses.Add(address);

    /// <summary>All TLBs are empty.</summary>
    internal void Empty()
    {
        _addresses.Clear();
        _isComplete = true;
    }

    /// <summary>The TLBs were set from outside.</summary>
    internal void Forget() => _isComplete = false;

    /// <summary>Sets all TLBs, which are these words, to what they were when the machine had been booted.</summary>
    internal void Reset(Span<int> memory, ReadOnlySpan<int> booted, int start, int length)
    {
        if (_isComplete && _addresses.Count < length)
        {
            foreach (int address in _addresses)
                memory[address] = booted[address];
        }
        else
        {
            booted.Slice(start, length).CopyTo(memory[start..]);
        }

        Empty(); // As then.
    }

    /// <summary>Empties all TLBs, which are these words.</summary>
    internal void Flush(KernelWords memory, int start, int length)
    {
        if (_isComplete && _addresses.Count < length)
        {
            foreach (int address in _addresses)
                memory.Set(address, 0);
        }
        else
        {
            memory.Clear(start, length);
        }

        Empty();
    }
}
