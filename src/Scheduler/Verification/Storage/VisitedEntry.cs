using System.Runtime.InteropServices;

namespace Kmaplab.Scheduler.Verification.Storage;

/// <summary>
/// What a visited set keeps of a state: 97 bits of its hash and its number, as they are in a table and on disk.
/// </summary>
[StructLayout(LayoutKind.Sequential)]
internal readonly record struct VisitedEntry(ulong High, uint Middle, uint Numbered)
{
    private const uint BitMask = 1u << 31;

    /// <summary>The bits of the hash, in an order in which shards of a set come one after the other.</summary>
    internal UInt128 Key => new(High >> 31, (High << 33) | ((ulong)Middle << 1) | (Numbered >> 31));

    /// <summary>The state's number.</summary>
    internal int Number => (int)(Numbered & ~BitMask) - 1;

    /// <summary>The same state with another number.</summary>
    internal VisitedEntry WithNumber(int number) => this with { Numbered = (uint)(number + 1) | (Numbered & BitMask) };

    /// <summary>What is kept of a state with this hash and no number.</summary>
    internal static VisitedEntry Of(UInt128 hash) =>
        new((ulong)(hash >> 64), (uint)((ulong)hash >> 32), (uint)(ulong)hash & BitMask);
}
