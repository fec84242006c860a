using CsCheck;
using Kmaplab.Scheduler.Simulation.Readiness;

namespace Kmaplab.Scheduler.Tests.Simulation.Readiness;

public sealed class TaskUnionTests
{
    // More than two blocks of 1 024, and not a whole number of words.
    private const int Tasks = 2_500;

    // Each task with the number of the set that it is in.
    private static readonly Gen<(int Task, int Set)[]> s_places =
        Gen.Select(Gen.Int[0, Tasks - 1], Gen.Int[0, 4], (task, set) => (task, set)).Array[0, 200];

    [Fact]
    public void It_has_the_tasks_of_all_its_sets_in_order() =>
        Gen.Select(s_places, Gen.Int[1, 5]).Sample((places, sets) =>
        {
            (int Task, int Set)[] distinct = [.. places.DistinctBy(place => place.Task)];
            TaskUnion union = Of(distinct, sets);

            int[] expected = [.. distinct.Where(place => place.Set < sets).Select(place => place.Task).Order()];
            Assert.Equal(expected.Length, union.Count);
            Assert.Equal(expected, All(union));
            Assert.Equal(expected, Enumerable.Range(0, union.Count).Select(union.At));
        });

    [Fact]
    public void It_begins_anew()
    {
        TaskUnion union = Of([(3, 0), (5, 1), (7, 2)], sets: 3);
        var other = new TaskSet(Tasks);
        other.Set(2_000, true);

        union.Begin(other);

        Assert.Equal(1, union.Count);
        Assert.Equal([2_000], All(union));
        Assert.Equal(2_000, union.At(0));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void There_is_no_task_behind_the_last(int sets)
    {
        TaskUnion union = Of([(7, 0)], sets);
        Assert.Throws<ArgumentOutOfRangeException>(() => union.At(1));
        Assert.Throws<ArgumentOutOfRangeException>(() => union.At(-1));
    }

    private static TaskUnion Of((int Task, int Set)[] places, int sets)
    {
        var union = new TaskUnion();
        for (int number = 0; number < sets; number++)
        {
            var set = new TaskSet(Tasks);
            foreach ((int task, int place) in places)
            {
                if (place == number)
                    set.Set(task, true);
            }

            if (number == 0)
                union.Begin(set);
            else
                union.Add(set);
        }

        return union;
    }

    private static List<int> All(TaskUnion union)
    {
        var tasks = new List<int>();
        foreach (int task in union)
            tasks.Add(task);

        return tasks;
    }
}
