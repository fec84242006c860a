using CsCheck;
using Kmaplab.Scheduler.Simulation.Readiness;

namespace Kmaplab.Scheduler.Tests.Simulation.Readiness;

public sealed class TaskSetTests
{
    // More than two blocks of 1 024, and not a whole number of words.
    private const int Tasks = 2_500;

    private static readonly Gen<int[]> s_tasks = Gen.Int[0, Tasks - 1].Array[0, 60];

    [Fact]
    public void It_has_what_was_set_in_order_however_often_that_was() => s_tasks.Sample(tasks =>
    {
        TaskSet set = Of(tasks);
        int[] expected = [.. tasks.Distinct().Order()];
        Assert.Equal(expected.Length, set.Count);
        Assert.Equal(expected, All(set));
        Assert.All(tasks, task => Assert.True(set.Contains(task)));
    });

    [Fact]
    public void What_was_removed_is_gone_and_nothing_else() =>
        Gen.Select(s_tasks, s_tasks).Sample((first, removed) =>
        {
            TaskSet set = Of(first);
            foreach (int task in removed)
                set.Set(task, false);

            int[] left = [.. first.Except(removed).Order()];
            Assert.Equal(left.Length, set.Count);
            Assert.Equal(left, All(set));
        });

    private static TaskSet Of(int[] tasks)
    {
        var set = new TaskSet(Tasks);
        foreach (int task in tasks)
            set.Set(task, true);

        return set;
    }

    private static List<int> All(TaskSet set)
    {
        var tasks = new List<int>();
        foreach (int task in set)
            tasks.Add(task);

        return tasks;
    }
}
