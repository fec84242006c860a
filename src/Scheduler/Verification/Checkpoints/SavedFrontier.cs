using Kmaplab.Scheduler.Coroutines.Stacks;
using Kmaplab.Scheduler.Simulation;
using Kmaplab.Scheduler.Verification.States;
using Kmaplab.Scheduler.Verification.Storage;

namespace Kmaplab.Scheduler.Verification.Checkpoints;

/// <summary>Writes the states that are still to be expanded, and reads them into another process.</summary>
/// <remarks>
/// A state names its call chains by the numbers that they happen to have in this process, so each is packed anew.
/// Whatever went wrong there would give it another hash: each must have the hash that it had, and be the state of that
/// number in the set of visited ones.
/// </remarks>
internal sealed class SavedFrontier
{
    private readonly MachineImage _image;
    private readonly FrameStore _frames;
    private readonly StateCodec _codec;
    private readonly StateHasher _hasher;
    private readonly int[] _memory;
    private readonly int[] _stacks;
    private readonly byte[] _block = new byte[Frontier.BlockSize];
    private readonly byte[] _packed;

    internal SavedFrontier(MachineImage image, FrameStore frames)
    {
        _image = image;
        _frames = frames;
        _codec = new StateCodec(image.Memory, image.StackBase, image.Contexts);
        _hasher = new StateHasher(image.Memory.Length);
        _memory = new int[image.Memory.Length];
        _stacks = new int[image.Contexts];
        _packed = new byte[_codec.BytesMax];
    }

    /// <summary>Writes the call chains of the blocks from a first one on, and those of another frontier.</summary>
    /// <returns>Number of states.</returns>
    internal long SaveStacks(BinaryWriter writer, SearchTree tree, Frontier level, int first, Frontier next)
    {
        var stacks = new SavedStacks();
        long states = 0;
        foreach ((Frontier frontier, int from) in (ReadOnlySpan<(Frontier, int)>)[(level, first), (next, 0)])
        {
            for (int index = from; index < frontier.Blocks; index++)
            {
                ReadOnlySpan<byte> block = _block.AsSpan(0, frontier.Copy(index, _block));
                while (!block.IsEmpty)
                {
                    ReadOnlySpan<byte> state = FrontierWriter.Read(ref block, out int number, out _);
                    if (!tree.IsState(number))
                        continue; // It was known before.

                    states++;
                    _codec.Decode(state, _memory, _stacks);
                    stacks.Add(number, _stacks, _frames);
                }
            }
        }

        stacks.Save(writer);
        return states;
    }

    /// <summary>Writes the blocks of a frontier from a first one on.</summary>
    internal void Save(BinaryWriter writer, Frontier frontier, int first)
    {
        writer.Write(Math.Max(0, frontier.Blocks - first));
        for (int index = first; index < frontier.Blocks; index++)
        {
            int length = frontier.Copy(index, _block);
            writer.Write(length);
            writer.Write(_block.AsSpan(0, length));
        }
    }

    /// <summary>The call chains that were written, which are here again then; null if a way leads elsewhere.</summary>
    internal Dictionary<int, int>? LoadStacks(BinaryReader reader, SearchTree tree, WayBack go) =>
        SavedStacks.Load(reader, tree, _frames, _codec, _memory.Length, go);

    /// <summary>
    /// Reads the blocks of a frontier; yields how many states it has, or -1 if one is another one now.
    /// </summary>
    internal long Load(
        BinaryReader reader,
        Frontier frontier,
        Dictionary<int, int> numbers,
        SearchTree tree,
        Func<UInt128, ReadOnlySpan<byte>, int> numberOf)
    {
        var writer = new FrontierWriter(frontier);
        long states = 0;
        for (int left = reader.ReadInt32(); left > 0; left--)
        {
            int length = reader.ReadInt32();
            reader.ReadExactly(_block.AsSpan(0, length));
            ReadOnlySpan<byte> block = _block.AsSpan(0, length);
            while (!block.IsEmpty)
            {
                ReadOnlySpan<byte> state = FrontierWriter.Read(ref block, out int number, out UInt128 hash);
                if (!tree.IsState(number))
                    continue;

                states++;
                if (!TryRenumber(state, numbers, hash, out int packed) || numberOf(hash, default) != number)
                    return -1;

                writer.Add(number, hash, _packed.AsSpan(0, packed));
            }
        }

        writer.Flush();
        return states;
    }

    private bool TryRenumber(ReadOnlySpan<byte> state, Dictionary<int, int> numbers, UInt128 hash, out int length)
    {
        length = 0;
        _codec.Decode(state, _memory, _stacks);
        for (int context = 0; context < _stacks.Length; context++)
        {
            if (!numbers.TryGetValue(_stacks[context], out int number))
                return false;

            _stacks[context] = number;
            Machine.RememberStack(_image, _memory, context, _frames[number]);
        }

        length = _codec.Encode(_memory, _stacks, _packed);
        return _hasher.Hash(_memory) == hash;
    }
}
