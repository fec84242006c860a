using CsCheck;
using Kmaplab.Stress.Campaigns.Pieces;

namespace Kmaplab.Stress.Tests.Campaigns;

/// <summary>The text of how many executions are of each class.</summary>
public sealed class ClassCountsTests
{
    private static readonly Gen<Dictionary<ulong, long>> s_counts =
        Gen.Dictionary(Gen.ULong, Gen.Long[1, long.MaxValue])[0, 50];

    [Fact]
    public void What_was_written_is_read() => s_counts.Sample(counts =>
    {
        Dictionary<ulong, long> read = ClassCounts.TryRead(ClassCounts.Write(counts))!;
        Assert.Equal(counts.OrderBy(each => each.Key), read.OrderBy(each => each.Key));
    });

    [Fact]
    public void A_text_that_was_changed_is_none_or_says_something_else() => Gen.Select(
        s_counts, Gen.Int[0, 1000], Gen.Byte).Sample((counts, place, value) =>
        {
            byte[] bytes = Convert.FromBase64String(ClassCounts.Write(counts));
            if (bytes.Length == 0 || bytes[place % bytes.Length] == value)
                return;

            bytes[place % bytes.Length] = value;
            string changed = Convert.ToBase64String(bytes);
            Dictionary<ulong, long>? read = ClassCounts.TryRead(changed);
            Assert.True(read is null || ClassCounts.Write(read) == changed, "there is one text for each answer");
        });

    [Theory]
    [InlineData("?")]
    [InlineData("AQ==")] // A count, and of how many classes it is the one is missing.
    [InlineData("AQA=")] // Of none.
    [InlineData("AAEB")] // A class that was seen not once.
    [InlineData("AQIF")] // One of two classes is missing.
    [InlineData("AQIFAA==")] // A class twice.
    [InlineData("AQEFAgEF")] // A class with two counts.
    [InlineData("AgEFAQEG")] // A lower count behind a higher one.
    [InlineData("AQGFAA==")] // Longer than it needs to be.
    [InlineData("AQH///////////8C")] // More than 64 bits.
    public void What_is_no_such_text_is_refused(string text) => Assert.Null(ClassCounts.TryRead(text));

    [Fact]
    public void A_class_takes_less_than_eleven_letters()
    {
        var random = new Random(1);
        var counts = new Dictionary<ulong, long>();
        while (counts.Count < 512)
            counts.TryAdd((ulong)random.NextInt64(long.MinValue, long.MaxValue), 1);

        Assert.InRange(ClassCounts.Write(counts).Length, 512, 512 * 11);
    }
}
