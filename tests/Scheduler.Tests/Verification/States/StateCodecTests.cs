using CsCheck;
using Kmaplab.Scheduler.Verification.States;

namespace Kmaplab.Scheduler.Tests.Verification.States;

/// <summary>Two states that were packed or hashed alike would be taken for one.</summary>
public sealed class StateCodecTests
{
    private static readonly Gen<int> s_word =
        Gen.OneOf(Gen.Int[-2, 2], Gen.Int, Gen.Const(int.MinValue), Gen.Const(int.MaxValue));

    // A state is packed as what differs from the boot, so some words are the same.
    private static readonly Gen<(int[] Boot, int[] Memory, int[] Stacks)> s_states =
        from boot in s_word.Array[1, 200]
        from words in Gen.Select(Gen.Bool, s_word).Array[boot.Length]
        from stacks in Gen.Int[0, int.MaxValue].Array[0, 5]
        select (boot, words.Select((word, i) => word.Item1 ? word.Item2 : boot[i]).ToArray(), stacks);

    [Fact]
    public void A_state_is_unpacked_as_it_was_packed() => s_states.Sample(
        state =>
        {
            var codec = new StateCodec(state.Boot, state.Boot.Length, state.Stacks.Length);
            byte[] packed = new byte[codec.BytesMax];
            int length = codec.Encode(state.Memory, state.Stacks, packed);

            int[] memory = new int[state.Boot.Length];
            int[] stacks = new int[state.Stacks.Length];
            codec.Decode(packed.AsSpan(0, length), memory, stacks);

            Assert.Equal(state.Memory, memory);
            Assert.Equal(state.Stacks, stacks);
        },
        iter: 500);

    [Theory]
    [InlineData(nameof(StatePacking.Groups))]
    [InlineData(nameof(StatePacking.Chunks))]
    public void Every_processor_packs_and_unpacks_it_in_the_same_way(string fastest) => s_states.Sample(
        state =>
        {
            int[] memory = new int[state.Boot.Length];
            int[] stacks = new int[state.Stacks.Length];
            var plain = new StateCodec(
                state.Boot, state.Boot.Length, state.Stacks.Length, StatePacking.Words);
            var codec = new StateCodec(
                state.Boot, state.Boot.Length, state.Stacks.Length, Enum.Parse<StatePacking>(fastest));
            byte[] bytes = new byte[plain.BytesMax];
            byte[] packed = new byte[codec.BytesMax];

            int length = plain.Encode(state.Memory, state.Stacks, bytes);

            Assert.Equal(length, codec.Encode(state.Memory, state.Stacks, packed));
            Assert.Equal(bytes[..length], packed[..length]);
            Assert.Equal(plain.Differing, codec.Differing);
            plain.Decode(packed.AsSpan(0, length), memory, stacks);
            Assert.Equal(state.Memory, memory);
            Assert.Equal(state.Stacks, stacks);

            // What is left there of another state is none of this one.
            Array.Fill(memory, -1);
            codec.Decode(packed.AsSpan(0, length), memory, stacks);
            Assert.Equal(state.Memory, memory);
            Assert.Equal(state.Stacks, stacks);
        },
        iter: 500);

    [Fact]
    public void What_the_room_held_before_does_not_matter() => s_states.Sample(
        state =>
        {
            var codec = new StateCodec(state.Boot, state.Boot.Length, state.Stacks.Length);
            byte[] clean = new byte[codec.BytesMax];
            byte[] used = [.. Enumerable.Repeat((byte)0xFF, codec.BytesMax)];
            int[] other = [.. state.Memory.Select(word => ~word)];
            codec.Encode(other, state.Stacks, clean);

            int length = codec.Encode(state.Memory, state.Stacks, clean);

            Assert.Equal(length, codec.Encode(state.Memory, state.Stacks, used));
            Assert.Equal(clean[..length], used[..length]);
        },
        iter: 200);

    [Fact]
    public void The_hash_of_a_successor_follows_from_what_has_changed() => s_states.Sample(
        state =>
        {
            var hasher = new StateHasher(state.Boot.Length);
            UInt128 before = hasher.Hash(state.Boot);

            Assert.Equal(hasher.Hash(state.Memory), hasher.Next(before, state.Boot, state.Memory));

            int[] changed = [.. state.Boot];
            for (int i = 0; i < hasher.ChangedWords.Length; i++)
                changed[hasher.ChangedWords[i]] = hasher.ChangedValues[i];

            Assert.Equal(state.Memory, changed);
        },
        iter: 500);

    [Fact]
    public void States_that_differ_in_any_bit_of_any_word_have_different_hashes()
    {
        var hasher = new StateHasher(40);
        var hashes = new HashSet<UInt128> { hasher.Hash(new int[40]) };
        for (int word = 0; word < 40; word++)
        {
            for (int bit = 0; bit < 32; bit++)
            {
                int[] memory = new int[40];
                memory[word] = 1 << bit;
                Assert.True(hashes.Add(hasher.Hash(memory)), $"bit {bit} of word {word}");
            }
        }
    }
}
