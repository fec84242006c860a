using System.Runtime.CompilerServices;

namespace Kmaplab.Scheduler.Simulation.Memory;

/// <summary>What a step touches of kernel memory: each word once, in the order of its first touch.</summary>
internal sealed class TouchLog
{
    private readonly int[] _words;
    private readonly MemoryRegion? _hidden;
    private readonly int[] _touchedIn; // The recording in which each word was touched last.
    private int[] _addresses = new int[64];
    private int[] _before = new int[64];
    private bool[] _isBlind = new bool[64];
    private bool[] _isLook = new bool[64];
    private int _looks;
    private int _recording;
    private bool _isOn;

    /// <summary>
    /// Logs touches of these words; all but those of <paramref name="hidden"/>, which is wrong, and there to show that
    /// it is noticed.
    /// </summary>
    internal TouchLog(int[] words, MemoryRegion? hidden = null)
    {
        _words = words;
        _hidden = hidden;
        _touchedIn = new int[words.Length];
    }

    /// <summary>The number of words that the recorded step has touched.</summary>
    internal int Count { get; private set; }

    /// <summary>The words, in the order of their first touch.</summary>
    internal ReadOnlySpan<int> Addresses => _addresses.AsSpan(0, Count);

    /// <summary>What they were before the step.</summary>
    internal ReadOnlySpan<int> Before => _before.AsSpan(0, Count);

    /// <summary>Whether the step has overwritten them before anything looked at them.</summary>
    internal ReadOnlySpan<bool> IsBlind => _isBlind.AsSpan(0, Count);

    /// <summary>
    /// Whether the step has only looked at them, for something that others cannot change.
    /// </summary>
    internal ReadOnlySpan<bool> IsLook => _isLook.AsSpan(0, Count);

    /// <summary>Forgets the step before, and notes what is touched from now on.</summary>
    internal void Begin()
    {
        Count = 0;
        _looks = 0;
        _isOn = true;
        if (++_recording > 0)
            return;

        Array.Clear(_touchedIn); // The counter has wrapped.
        _recording = 1;
    }

    /// <summary>Notes nothing any more.</summary>
    internal void End() => _isOn = false;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal void Touch(int address)
    {
        if (_isOn && _touchedIn[address] != _recording)
            Add(address, isBlind: false);
    }

    /// <summary>Notes a word that is touched like the others, unless who asks knows <see cref="IsLook"/>.</summary>
    internal void Look(int address)
    {
        if (!_isOn || _touchedIn[address] == _recording)
            return;

        int count = Count;
        Add(address, isBlind: false);
        if (Count == count)
            return; // It is hidden, or was looked at before.

        _isLook[count] = true;
        _touchedIn[address] = 0; // If it is touched later in the step, it was more than a look.
        _looks++;
    }

    internal void Touch(int start, int length)
    {
        if (!_isOn)
            return;

        if (_hidden is not null || _looks > 0)
        {
            for (int address = start; address < start + length; address++)
                Touch(address);

            return;
        }

        int count = Count;
        MakeRoom(count + length);
        for (int address = start; address < start + length; address++)
        {
            if (_touchedIn[address] == _recording)
                continue;

            _touchedIn[address] = _recording;
            _addresses[count] = address;
            _before[count] = _words[address];
            _isBlind[count] = false;
            _isLook[count] = false;
            count++;
        }

        Count = count;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal void Overwrite(int address)
    {
        if (_isOn && _touchedIn[address] != _recording)
            Add(address, isBlind: true);
    }

    internal void Overwrite(int start, int length)
    {
        for (int address = start; address < start + length; address++)
            Overwrite(address);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private void Add(int address, bool isBlind)
    {
        if (_hidden is not null && _hidden.Contains(address))
            return;

        if (_looks > 0 && IsMoreThanLook(address))
            return;

        MakeRoom(Count + 1);
        _touchedIn[address] = _recording;
        _addresses[Count] = address;
        _before[Count] = _words[address];
        _isBlind[Count] = isBlind;
        _isLook[Count] = false;
        Count++;
    }

    private void MakeRoom(int count)
    {
        if (count <= _addresses.Length)
            return;

        count = Math.Max(count, _addresses.Length * 2);
        Array.Resize(ref _addresses, count);
        Array.Resize(ref _before, count);
        Array.Resize(ref _isBlind, count);
        Array.Resize(ref _isLook, count);
    }

    /// <summary>Whether a word is there already, as one that was looked at: it is touched now.</summary>
    private bool IsMoreThanLook(int address)
    {
        int place = Addresses.IndexOf(address);
        if (place < 0)
            return false;

        _touchedIn[address] = _recording;
        _isLook[place] = false;
        return true;
    }
}
