using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Kmaplab.Scheduler.Simulation.Memory;

/// <summary>Kernel memory as a step reaches it: the only way, so that a log misses nothing.</summary>
/// <remarks>
/// A missed read would make a recorded step look like one that it is not, and that is a false verdict. So whatever runs
/// in a step is given these and never the array; only who looks at whole states from outside has that.
/// <para>
/// The hottest accesses of all go through here, and each must see whether its address is one. So that this also tells
/// whether there is a log, the words without one are an empty array where there is: no address is in that.
/// </para>
/// </remarks>
internal readonly struct KernelWords
{
    private readonly int[] _words;
    private readonly int[] _unlogged; // The words, or none of them.
    private readonly TouchLog? _log; // Null on a machine whose steps are not recorded.

    internal KernelWords(int[] words, TouchLog? log = null)
    {
        _words = words;
        _log = log;
        _unlogged = log is null ? words : [];
    }

    internal int Length => _words.Length;

    /// <summary>The words themselves if nothing is ever logged here; none of them otherwise.</summary>
    internal int[] Unlogged => _unlogged;

    /// <summary>A word that is read, or changed after it was.</summary>
    internal ref int this[int address]
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get
        {
            int[] words = _unlogged;
            if ((uint)address < (uint)words.Length)
                return ref At(words, address);

            return ref Touched(address);
        }
    }

    /// <summary>Words of a machine whose steps are never recorded.</summary>
    public static implicit operator KernelWords(int[] words) => new(words);

    /// <summary>A word that is read for something that nobody else can change.</summary>
    internal int Look(int address)
    {
        _log?.Look(address);
        return _words[address];
    }

    /// <summary>Stores a word without looking at what it was.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal void Set(int address, int value)
    {
        int[] words = _unlogged;
        if ((uint)address < (uint)words.Length)
            At(words, address) = value;
        else
            Overwritten(address) = value;
    }

    /// <summary>Words in a row that are read, or changed after they were.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal Span<int> Span(int start, int length)
    {
        _log?.Touch(start, length);
        return _words.AsSpan(start, length);
    }

    /// <summary>Words in a row that are stored without a look at what they were.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal Span<int> Overwrite(int start, int length)
    {
        _log?.Overwrite(start, length);
        return _words.AsSpan(start, length);
    }

    /// <summary>Sets words in a row to 0 without looking at what they were.</summary>
    internal void Clear(int start, int length) => Overwrite(start, length).Clear();

    /// <summary>Copies words in a row to where they are from now on; the two rows may overlap.</summary>
    internal void Move(int from, int to, int length)
    {
        _log?.Touch(from, length);
        _log?.Overwrite(to, length);
        _words.AsSpan(from, length).CopyTo(_words.AsSpan(to, length));
    }

    /// <summary>
    /// The first of some words in a row that has one of two values, counted from the first; -1 if none has.
    /// </summary>
    internal int IndexOfAny(int start, int length, int value, int other)
    {
        Span<int> words = _words.AsSpan(start, length);
        int index = value == other ? words.IndexOf(value) : words.IndexOfAny(value, other);
        _log?.Touch(start, index < 0 ? length : index + 1);
        return index;
    }

    /// <summary>
    /// The words for somebody whose looks decide nothing about the step that makes them, and so are not to be logged.
    /// </summary>
    internal KernelWords WithoutLog() => new(_words);

    /// <summary>
    /// A word at an address that was compared with the length already: the compiler would do that again.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static ref int At(int[] words, int address) =>
        ref Unsafe.Add(ref MemoryMarshal.GetArrayDataReference(words), (uint)address);

    [MethodImpl(MethodImplOptions.NoInlining)]
    private ref int Touched(int address)
    {
        _log?.Touch(address);
        return ref _words[address]; // Throws, if there is no log.
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private ref int Overwritten(int address)
    {
        _log?.Overwrite(address);
        return ref _words[address];
    }
}
