using Kmaplab.Scheduler.Simulation.Memo;

namespace Kmaplab.Scheduler.Tests.Simulation.Memo;

public sealed class CheckRhythmTests
{
    [Fact]
    public void Many_of_the_first_are_performed_as_well_and_then_one_in_so_many()
    {
        int[] due = Due(every: 10, found: 95);

        Assert.Equal([1, 3, 6, 10, 15, 21, 28, 36, 45, 55, 65, 75, 85, 95], due);
    }

    [Fact]
    public void All_are_where_nothing_is_taken_for_granted() =>
        Assert.Equal(Enumerable.Range(1, 50), Due(MemoOptions.Shadow.CheckEvery, found: 50));

    [Fact]
    public void Of_a_million_a_thousandth_is_and_some_more()
    {
        int due = Due(new MemoOptions().CheckEvery, found: 1_000_000).Length;

        Assert.InRange(due, 1000, 2000);
    }

    private static int[] Due(int every, int found)
    {
        var rhythm = new CheckRhythm(every);
        var due = new List<int>();
        for (int number = 1; number <= found; number++)
        {
            if (rhythm.IsDue())
                due.Add(number);
        }

        Assert.Equal(due.Count, rhythm.Count);
        return [.. due];
    }
}
