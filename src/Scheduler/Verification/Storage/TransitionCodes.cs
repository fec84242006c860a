using System.Threading;

namespace Kmaplab.Scheduler.Verification.Storage;

/// <summary>
/// Numbers the codes of transitions that a search meets: mostly there are so few that a byte will do.
/// </summary>
/// <remarks>Which number a code gets depends on which thread was faster: for storage only.</remarks>
internal sealed class TransitionCodes
{
    private readonly Lock _lock = new();
    private readonly ushort[] _numbers = new ushort[ushort.MaxValue + 1]; // By code; the number + 1, and 0 for none.
    private readonly ushort[] _codes = new ushort[ushort.MaxValue + 1]; // By number.
    private int _count;

    /// <summary>The code with a number.</summary>
    internal ushort this[int number] => _codes[number];

    /// <summary>The number of a code; its first one if it was not met before.</summary>
    internal int NumberOf(ushort code)
    {
        int known = Volatile.Read(ref _numbers[code]);
        return known != 0 ? known - 1 : Add(code);
    }

    internal void Save(BinaryWriter writer)
    {
        writer.Write(_count);
        foreach (ushort code in _codes.AsSpan(0, _count))
            writer.Write(code);
    }

    /// <summary>Reads what was written, before any other code is met.</summary>
    internal void Load(BinaryReader reader)
    {
        for (int left = reader.ReadInt32(); left > 0; left--)
            NumberOf(reader.ReadUInt16());
    }

    private int Add(ushort code)
    {
        lock (_lock)
        {
            if (_numbers[code] != 0)
                return _numbers[code] - 1;

            _codes[_count] = code;
            Volatile.Write(ref _numbers[code], (ushort)(_count + 1)); // Kinds are few, so not all codes occur.
            return _count++;
        }
    }
}
