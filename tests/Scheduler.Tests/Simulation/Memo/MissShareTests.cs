using Kmaplab.Scheduler.Simulation.Memo;

namespace Kmaplab.Scheduler.Tests.Simulation.Memo;

public sealed class MissShareTests
{
    [Theory]
    [InlineData(99, 40, 25, 20)] // As of 6 tasks on 2 slots.
    [InlineData(14, 1, 1, 1)]
    public void It_pays_while_few_are_new_and_fewer_each_time(params int[] misses) => Assert.Null(GivesUpAt(misses));

    [Theory]
    [InlineData(0, 114, 57)] // As of 8 tasks on 4 slots.
    [InlineData(2, 90, 60, 50, 45)]
    [InlineData(10, 90, 40, 29, 25, 20, 15, 13, 12, 11, 10, 9)]
    public void It_does_not_where_too_many_are_new_for_so_late(int look, params int[] misses) =>
        Assert.Equal(look, GivesUpAt(misses));

    [Fact]
    public void What_was_new_early_does_not_count_later()
    {
        int[] misses = [99, 99, .. Enumerable.Repeat(7, 20)];

        Assert.Null(GivesUpAt(misses));
    }

    [Theory]
    [InlineData(null, 15, 2, 1)] // As of 5 tasks on 2 slots.
    [InlineData(0, 21)]
    [InlineData(1, 15, 5)]
    public void Leaves_are_made_of_what_is_known_so_few_may_be_new_soon(int? look, params int[] detours) =>
        Assert.Equal(look, GivesUpAt(MissShare.OfLeaves(), 1 << 20, detours));

    [Fact]
    public void Of_few_steps_nobody_can_tell()
    {
        MissShare share = MissShare.OfRecordedSteps();

        Assert.True(share.Pays(steps: 1000, misses: 1000));
        Assert.False(share.Pays(steps: 100_000, misses: 11_000)); // And they count in the end.
    }

    private static int? GivesUpAt(int[] misses) => GivesUpAt(MissShare.OfRecordedSteps(), 100_000, misses);

    private static int? GivesUpAt(MissShare share, int steps, int[] misses)
    {
        long all = 0;
        for (int look = 0; look < misses.Length; look++)
        {
            all += (long)misses[look] * steps / 1000;
            if (!share.Pays((look + 1L) * steps, all))
                return look;
        }

        return null;
    }
}
