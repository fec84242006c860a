using CsCheck;
using Kmaplab.Scheduler.Exploration;

namespace Kmaplab.Scheduler.Tests.Exploration;

public sealed class Pcg32Tests
{
    [Fact]
    public void The_numbers_are_those_of_the_reference_implementation()
    {
        // pcg-c-basic, pcg32-demo: pcg32_srandom(42, 54).
        var random = new Pcg32(42, 54);
        uint[] numbers = [.. Enumerable.Range(0, 6).Select(_ => random.NextUInt32())];
        Assert.Equal([0xa15c02b7, 0x7b47f409, 0xba1d3330, 0x83d2f293, 0xbfa4784b, 0xcbed606e], numbers);
    }

    [Fact]
    public void A_generator_without_a_seed_is_a_generator_too()
    {
        var random = new Pcg32(0, 0);
        Assert.NotEqual(random.NextUInt32(), random.NextUInt32());
    }

    [Fact]
    public void The_same_seed_and_stream_give_the_same_numbers() =>
        Gen.Select(Gen.ULong, Gen.ULong)
            .Sample((seed, stream) => Take(new Pcg32(seed, stream)).SequenceEqual(Take(new Pcg32(seed, stream))));

    [Fact]
    public void Neighbouring_streams_differ() =>
        Gen.Select(Gen.ULong, Gen.ULong[0, 1_000_000])
            .Sample((seed, stream) => !Take(new Pcg32(seed, stream)).SequenceEqual(Take(new Pcg32(seed, stream + 1))));

    [Fact]
    public void A_limited_number_is_below_its_limit() =>
        Gen.Select(Gen.ULong, Gen.Int[1, int.MaxValue])
            .Sample((seed, limit) => new Pcg32(seed, 1).Next(limit) is var number && number >= 0 && number < limit);

    [Fact]
    public void All_numbers_below_a_limit_are_equally_likely()
    {
        // 70,000 draws in 7 boxes: one box has 10,000 on average with a deviation of 93. The seed is fixed, so this is
        // no matter of luck.
        var random = new Pcg32(1, 1);
        int[] counts = new int[7];
        for (int i = 0; i < 70_000; i++)
            counts[random.Next(7)]++;

        Assert.All(counts, count => Assert.InRange(count, 9_600, 10_400));
    }

    private static List<uint> Take(Pcg32 random) => [.. Enumerable.Range(0, 4).Select(_ => random.NextUInt32())];
}
