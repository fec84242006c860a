using Kmaplab.Scheduler.Simulation.Operations;
using Kmaplab.Scheduler.Threads.Orders;

namespace Kmaplab.Scheduler.Tests.Recordings;

/// <summary>What was written down task by task comes into one order, or is said to have none.</summary>
public sealed class LinearOrderTests
{
    private const int Lock = 1;
    private const int Word = 2;
    private const int Other = 3;

    [Fact]
    public void An_object_is_come_to_in_the_order_of_its_versions() => Assert.Equal(
        [1, 1, 0, 0],
        Order([Acquire(3), Release(4)], [Acquire(1), Release(2)]));

    [Fact]
    public void A_try_that_has_failed_stands_in_the_hold_that_it_has_met()
    {
        var failed = new RecordedEntry(OperationKind.TryAcquire, Lock, 3, 0);

        Assert.Equal(
            [0, 0, 0, 1, 0],
            Order([Acquire(1), Release(2), Acquire(3), Release(4)], [failed]));
    }

    [Fact]
    public void What_a_step_does_on_its_way_is_ordered_with_it() => Assert.Equal(
        [1, 1, 0, 1],
        Order(
            [Write(Word, 4)],
            [Write(Other, 2), Also(Word, 2), Write(Word, 6)]));

    [Fact]
    public void The_step_that_has_found_something_comes_last() => Assert.Equal(
        [1, 1, 0],
        Order([Write(Word, 2)], [Write(Other, 2), Write(Other, 4)], finder: 0));

    [Fact]
    public void Orders_that_contradict_each_other_are_said_to()
    {
        RecordedEntry[] first = [Write(Word, 4), Write(Other, 2)];
        RecordedEntry[] second = [Write(Other, 4), Write(Word, 2)];

        var contradiction = Assert.Throws<RecordingException>(() => Order(first, second));

        Assert.Contains("contradict", contradiction.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_version_that_nobody_has_made_is_missed() =>
        Assert.Throws<RecordingException>(() => Order([Write(Word, 2), Write(Word, 6)], []));

    private static RecordedEntry Acquire(int version) => new(OperationKind.Acquire, Lock, version, 1);

    private static RecordedEntry Release(int version) => new(OperationKind.Release, Lock, version, 0);

    private static RecordedEntry Write(int word, int version) => new(OperationKind.WriteOnce, word, version, 0);

    private static RecordedEntry Also(int word, int version) => new(OperationKind.None, word, version, 0);

    private static IEnumerable<int> Order(RecordedEntry[] first, RecordedEntry[] second, int finder = -1) =>
        LinearOrder.Of([first, second], words: 8, finder, isWhole: true).Select(step => step.Task);
}
