using Kmaplab.Scheduler.Verification.Storage;

namespace Kmaplab.Scheduler.Tests.Verification.Storage;

/// <summary>Large tables of a search are looked at in no order, so they want huge pages.</summary>
public sealed class PageBlockTests
{
    [Theory]
    [InlineData(PageBlock.HugePage)]
    [InlineData(3 * PageBlock.HugePage)]
    [InlineData((2 * PageBlock.HugePage) + 100)]
    public unsafe void A_large_block_begins_with_a_huge_page_and_all_of_it_is_0_and_can_be_written(long bytes)
    {
        if (!OperatingSystem.IsLinux())
            return; // There are none.

        using var block = new PageBlock(bytes);

        Assert.Equal(0, (long)block.Start % PageBlock.HugePage);
        Assert.Equal(bytes, block.Span.Length);
        Assert.Equal(-1, block.Span.IndexOfAnyExcept((byte)0));
        block.Span.Fill(1);
        Assert.Equal(-1, block.Span.IndexOfAnyExcept((byte)1));
    }
}
