using System.Buffers.Binary;

namespace Kmaplab.Scheduler.Verification.Storage;

/// <summary>Takes the states that one thread finds and that are still to be expanded.</summary>
internal interface IStateSink
{
    /// <summary>Keeps a new state.</summary>
    void Add(int number, UInt128 hash, ReadOnlySpan<byte> state);

    /// <summary>Hands over what was kept.</summary>
    void Flush();
}

/// <summary>
/// Fills the blocks of a frontier: a state's number, its hash, its length, its bytes. One thread, one writer.
/// </summary>
internal sealed class FrontierWriter(Frontier frontier) : IStateSink
{
    private const int HeaderBytes = sizeof(int) + (2 * sizeof(ulong)) + sizeof(ushort);

    private PageBlock? _block;
    private int _used;

    public void Add(int number, UInt128 hash, ReadOnlySpan<byte> state)
    {
        if (_block is null || _used + HeaderBytes + state.Length > Frontier.BlockSize)
        {
            Flush();
            _block = frontier.Budget.Rent();
        }

        Span<byte> target = _block.Span[_used..];
        BinaryPrimitives.WriteInt32LittleEndian(target, number);
        BinaryPrimitives.WriteUInt128LittleEndian(target[4..], hash);
        BinaryPrimitives.WriteUInt16LittleEndian(target[20..], (ushort)state.Length);
        state.CopyTo(target[HeaderBytes..]);
        _used += HeaderBytes + state.Length;
    }

    public void Flush()
    {
        if (_block is null)
            return;

        frontier.Add(_block, _used);
        _block = null;
        _used = 0;
    }

    /// <summary>Reads the state that a block begins with, and moves on to the next.</summary>
    internal static ReadOnlySpan<byte> Read(ref ReadOnlySpan<byte> block, out int number, out UInt128 hash)
    {
        number = BinaryPrimitives.ReadInt32LittleEndian(block);
        hash = BinaryPrimitives.ReadUInt128LittleEndian(block[4..]);
        int length = BinaryPrimitives.ReadUInt16LittleEndian(block[20..]);
        ReadOnlySpan<byte> state = block.Slice(HeaderBytes, length);
        block = block[(HeaderBytes + length)..];
        return state;
    }
}
