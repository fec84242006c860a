using Kmaplab.Scheduler.Coroutines;
using Kmaplab.Scheduler.Detection;
using Kmaplab.Scheduler.Kernel;
using Kmaplab.Scheduler.Simulation;
using Kmaplab.Scheduler.Simulation.Running;
using Kmaplab.Scheduler.Tests.Machines;

namespace Kmaplab.Scheduler.Tests.Simulation.Running;

/// <summary>add_wait_queue and remove_wait_queue: who stands where.</summary>
public sealed class WaitQueueTests
{
    private WaitQueue<SimulatedKernel> _queue;

    [Fact]
    public void Ordinary_waiters_are_added_at_the_head()
    {
        Machine machine = Boot(Join, Join, Join);
        machine.Step(0, 1, 2);
        Assert.Equal([2, 1, 0], Waiters(machine));
    }

    [Fact]
    public void Exclusive_waiters_are_added_at_the_tail()
    {
        Machine machine = Boot(JoinExclusively, JoinExclusively, JoinExclusively);
        machine.Step(1, 0, 2);
        Assert.Equal([1, 0, 2], Waiters(machine));
    }

    [Fact]
    public void All_ordinary_waiters_stand_before_all_exclusive_ones()
    {
        Machine machine = Boot(JoinExclusively, Join, JoinExclusively, Join);
        machine.Step(0, 1, 2, 3);
        Assert.Equal([3, 1, 0, 2], Waiters(machine));
        Assert.Equal(
            [false, false, true, true],
            Enumerable.Range(0, 4).Select(index => machine.Queues.IsExclusive(_queue.Number, index)));
    }

    [Fact]
    public void A_waiter_can_leave_from_anywhere_in_the_queue()
    {
        Machine machine = Boot(Join, Join, Join, Join);
        machine.Step(0, 1, 2, 3);
        machine.Step(2);
        Assert.Equal([3, 1, 0], Waiters(machine));
        machine.Step(0);
        Assert.Equal([3, 1], Waiters(machine));
        machine.Step(3, 1);
        Assert.Empty(Waiters(machine));
    }

    [Fact]
    public void An_empty_queue_has_no_trace_of_who_was_on_it()
    {
        Machine machine = Boot(Join, JoinExclusively);
        int[] words = QueueWords(machine);
        machine.Step(0, 1, 0, 1);
        Assert.Equal(words, QueueWords(machine));
    }

    [Fact]
    public void Who_joins_again_stands_at_the_head_again()
    {
        Machine machine = Boot(JoinTwice, Join);
        machine.Step(0, 1);
        Assert.Equal([1, 0], Waiters(machine));
        machine.Step(0, 0);
        Assert.Equal([0, 1], Waiters(machine));
    }

    [Fact]
    public void Joining_a_queue_twice_at_once_corrupts_the_list()
    {
        Machine machine = Boot(async () =>
        {
            await _queue.Add();
            await _queue.Add();
        });
        machine
            .RunToEnd()
            .Finding.AssertFound(FailureClass.BugOn, "task 0 adds its wait entry to queue while it is still linked");
    }

    [Fact]
    public void Leaving_a_queue_that_one_is_not_on_corrupts_the_list()
    {
        Machine machine = Boot(async () => await _queue.Remove());
        machine
            .RunToEnd()
            .Finding.AssertFound(FailureClass.BugOn, "task 0 removes its wait entry from queue, where it is not");
    }

    [Fact]
    public void Waitqueue_active_sees_whether_anybody_is_on_the_queue()
    {
        bool before = true;
        bool during = false;
        bool after = true;
        Machine machine = Boot(async () =>
        {
            before = _queue.IsActive;
            await _queue.Add();
            during = await _queue.IsActiveOnce();
            await _queue.Remove();
            after = await _queue.IsActiveOnce();
        });
        machine.RunToEnd();
        Assert.Equal((false, true, false), (before, during, after));
    }

    [Fact]
    public void Waiting_for_waiters_ends_when_there_are_as_many()
    {
        Machine machine = Boot(Join, Join, async () => await _queue.AwaitWaiters(2));
        Assert.False(machine.IsEnabled(2));
        machine.Step(0);
        Assert.False(machine.IsEnabled(2));
        machine.Step(1);
        Assert.True(machine.IsEnabled(2));
    }

    private Machine Boot(params Func<KernelTask>[] bodies) => SmallMachine.Boot(bodies.Length, boot =>
    {
        _queue = WaitQueue<SimulatedKernel>.Create(boot, "queue");
        foreach (Func<KernelTask> body in bodies)
            boot.Spawn("test", body);
    }).Started();

    private int[] Waiters(Machine machine) =>
        [
            .. Enumerable
                .Range(0, machine.Queues.Count(_queue.Number))
                .Select(index => machine.Queues.TaskAt(_queue.Number, index)),
        ];

    private int[] QueueWords(Machine machine) =>
        machine.Memory[_queue.Number..(_queue.Number + 1 + machine.Tasks.Count)];

    private async KernelTask Join()
    {
        await _queue.Add();
        await _queue.Remove();
    }

    private async KernelTask JoinTwice()
    {
        await Join();
        await Join();
    }

    private async KernelTask JoinExclusively()
    {
        await _queue.AddExclusive();
        await _queue.Remove();
    }
}
