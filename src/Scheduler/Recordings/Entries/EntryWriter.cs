using System.Runtime.CompilerServices;
using Kmaplab.Scheduler.Threads.Orders;

namespace Kmaplab.Scheduler.Recordings.Entries;

/// <summary>Writes what one task has done, in bytes: mostly how much of it was as expected.</summary>
/// <remarks>
/// A byte below 128 stands for so many entries, and one more, that are as expected. One below 192 for an entry of which
/// only the version is another one; the others are followed by all of it.
/// </remarks>
internal sealed class EntryWriter
{
    internal const int RunMax = 128;
    internal const int OtherVersion = 0x80;
    internal const int FarVersion = 0xBF; // More than fits: it follows.
    internal const int Other = 0xC0; // And its kind.

    private readonly EntryExpectation _expected = new();
    private int _run; // As expected, and not written yet.

    /// <summary>Adds entries, one after the other.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)] // It has most of its work to do before it would be hot.
    internal void Add(ReadOnlySpan<RecordedEntry> entries, ObjectNumbers numbers, ByteSink bytes)
    {
        foreach (ref readonly RecordedEntry written in entries)
        {
            int number = written.Version == 0 ? 0 : numbers.Of(written.Address);
            var entry = new RecordedEntry(written.Kind, number, written.Version, written.Result);
            ref (uint Code, int Result) next = ref _expected.Next;
            int version = _expected.VersionOf(entry);
            if (next != (entry.Code, entry.Result))
                AddAll(entry, version, bytes);
            else if (version != entry.Version)
                AddVersion(entry.Version - version, bytes);
            else if (++_run == RunMax)
                EndRun(bytes);

            _expected.Learn(ref next, entry);
        }
    }

    /// <summary>Nothing that was added is left unwritten.</summary>
    internal void EndRun(ByteSink bytes)
    {
        if (_run > 0)
            bytes.Add((byte)(_run - 1));

        _run = 0;
    }

    private void AddVersion(int difference, ByteSink bytes)
    {
        EndRun(bytes);
        uint folded = ByteSink.Fold(difference);
        bytes.Add((byte)Math.Min(OtherVersion + folded, FarVersion));
        if (OtherVersion + folded >= FarVersion)
            bytes.AddNumber(folded);
    }

    private void AddAll(RecordedEntry entry, int version, ByteSink bytes)
    {
        EndRun(bytes);
        bytes.Add((byte)(Other | (int)entry.Kind));
        bytes.AddNumber((uint)entry.Address);
        bytes.AddNumber(ByteSink.Fold(entry.Result));
        bytes.AddNumber(ByteSink.Fold(entry.Version - version));
    }
}

/// <summary>Bytes that are being written.</summary>
internal sealed class ByteSink
{
    private byte[] _bytes = new byte[1 << 12];
    private int _length;

    internal ReadOnlySpan<byte> Written => _bytes.AsSpan(0, _length);

    internal void Clear() => _length = 0;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal void Add(byte value)
    {
        if (_length == _bytes.Length)
            Array.Resize(ref _bytes, _bytes.Length * 2);

        _bytes[_length++] = value;
    }

    /// <summary>Adds a number that is small most of the time, as a BinaryWriter does.</summary>
    internal void AddNumber(uint number)
    {
        for (; number >= 0x80; number >>= 7)
            Add((byte)(number | 0x80));

        Add((byte)number);
    }

    /// <summary>A number that is small if the other one is near 0.</summary>
    internal static uint Fold(int number) => (uint)((number << 1) ^ (number >> 31));

    internal static int Unfold(uint number) => (int)(number >> 1) ^ -(int)(number & 1);
}
