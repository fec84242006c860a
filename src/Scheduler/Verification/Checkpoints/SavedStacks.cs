using Kmaplab.Scheduler.Coroutines.Stacks;
using Kmaplab.Scheduler.Simulation.Hardware;
using Kmaplab.Scheduler.Verification.States;
using Kmaplab.Scheduler.Verification.Storage;

namespace Kmaplab.Scheduler.Verification.Checkpoints;

/// <summary>Goes a way from the start as the search has gone it; false if it cannot be gone.</summary>
/// <param name="way">The transitions.</param>
/// <param name="target">Where the state that it leads to is packed.</param>
/// <param name="hash">The hash of that state.</param>
/// <param name="length">Its bytes.</param>
internal delegate bool WayBack(Transition[] way, Span<byte> target, out UInt128 hash, out int length);

/// <summary>Call chains of the states that are still to be expanded, by the ways to states in which they are.</summary>
/// <remarks>
/// Frames refer to objects of this process, so none is written. For each call chain there is one state, and whoever
/// goes the way there has it again. That it is the same shows by the hash of what is in it.
/// </remarks>
internal sealed class SavedStacks
{
    private readonly Dictionary<int, Place> _places = [];

    /// <summary>Notes the call chains of a state.</summary>
    internal void Add(int state, ReadOnlySpan<int> stacks, FrameStore frames)
    {
        for (int context = 0; context < stacks.Length; context++)
        {
            if (frames[stacks[context]] is { } top)
                _places.TryAdd(stacks[context], new Place(state, context, top.ContentHash()));
        }
    }

    internal void Save(BinaryWriter writer)
    {
        writer.Write(_places.Count);
        foreach ((int stack, Place place) in _places)
        {
            writer.Write(stack);
            writer.Write(place.State);
            writer.Write(place.Context);
            writer.Write((ulong)(place.Hash >> 64));
            writer.Write((ulong)place.Hash);
        }
    }

    /// <summary>
    /// The number that each of the call chains that were written has here; null if a way leads to others.
    /// </summary>
    internal static Dictionary<int, int>? Load(
        BinaryReader reader, SearchTree tree, FrameStore frames, StateCodec codec, int words, WayBack go)
    {
        int count = reader.ReadInt32();
        var places = new List<(int Stack, Place Place)>();
        for (int i = 0; i < count; i++)
        {
            int stack = reader.ReadInt32();
            (int state, int context) = (reader.ReadInt32(), reader.ReadInt32());
            places.Add((stack, new Place(state, context, new UInt128(reader.ReadUInt64(), reader.ReadUInt64()))));
        }

        Dictionary<int, int> numbers = new() { [0] = 0 };
        byte[] packed = new byte[codec.BytesMax];
        int[] memory = new int[words];
        int[] stacks = new int[codec.Contexts];
        foreach (IGrouping<int, (int Stack, Place Place)> group in places.GroupBy(place => place.Place.State))
        {
            if (!go(tree.WayTo(group.Key), packed, out _, out int length))
                return null;

            codec.Decode(packed.AsSpan(0, length), memory, stacks);
            foreach ((int stack, Place place) in group)
            {
                int number = stacks[place.Context];
                if (frames[number]?.ContentHash() != place.Hash)
                    return null;

                numbers.Add(stack, number);
            }
        }

        return numbers;
    }

    private readonly record struct Place(int State, int Context, UInt128 Hash);
}
