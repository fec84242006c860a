using Kmaplab.Scheduler.Coroutines;
using Kmaplab.Scheduler.Kernel;
using Kmaplab.Scheduler.Recordings;
using Kmaplab.Scheduler.Simulation;
using Kmaplab.Scheduler.Simulation.Operations;
using Kmaplab.Scheduler.Simulation.Running;
using Kmaplab.Scheduler.Tests.Machines;
using Kmaplab.Scheduler.Threads.Orders;

namespace Kmaplab.Scheduler.Tests.Recordings;

/// <summary>
/// What nothing has ordered is replayed in an order that leads on, and in no order that did not follow.
/// </summary>
public sealed class OrderSearchTests
{
    private static readonly string[] s_objects = ["first", "second"];

    // The reader was recorded in front of the writer, and has seen what that has written.
    private static readonly RecordedStep[] s_steps =
    [
        new(1, OperationKind.WriteOnce, 1, 0),
        new(1, OperationKind.FetchAdd, 1, 7),
        new(0, OperationKind.WriteOnce, 0, 0),
        new(0, OperationKind.WriteOnce, 0, 0),
    ];

    [Fact]
    public void Steps_are_done_in_an_order_in_which_each_yields_what_it_has_yielded()
    {
        RecordingReport report = Replay(s_steps);

        Assert.True(report.Reproduced, report.Divergence);
        Assert.True(report.StepsTried > 0);
        Assert.Equal(s_steps.Length, report.Steps);
        Assert.Equal([0, 1, 1, 0], report.Transitions.Select(transition => transition.Subject));
    }

    [Fact]
    public void An_order_that_was_recorded_is_not_given_up()
    {
        // The writer's first step concerns what the reader's last concerns too, and came after that.
        RecordedStep[] steps = [.. s_steps[..3], new(0, OperationKind.None, 1, 0), s_steps[3]];

        RecordingReport report = Replay(steps);

        Assert.False(report.Reproduced);
        Assert.Equal("task 1 is about to do WriteOnce, and did FetchAdd", report.Divergence);
        Assert.Equal(1, report.Steps);
    }

    [Fact]
    public void Whoever_has_found_something_need_not_be_the_last()
    {
        // Others have gone on after it, so they have seen what it did.
        var order = new StepOrder(new ThreadRecording { Steps = s_steps, Objects = s_objects, Finder = 1 });

        Assert.Equal([1, 0], order.Candidates().Select(step => step.Task));
        order.Do(1);
        Assert.False(order.HasFound);
        order.Do(1);
        Assert.True(order.HasFound);
        Assert.False(order.IsOver);
    }

    private static RecordingReport Replay(RecordedStep[] steps)
    {
        var run = new ThreadRecording { Steps = steps, Objects = s_objects };
        return new RecordingReplay(
            SmallMachine.Boot(
                2,
                boot => _ = new Peekers<SimulatedKernel>(boot),
                new MachineOptions { Points = SchedulingPoints.All }),
            new Recording(RecordingReplayTests.Header(null), run)).Run();
    }
}

/// <summary>One writes a word, the other looks at it, and nothing keeps them apart.</summary>
[KernelObject]
internal sealed class Peekers<TKernel>
    where TKernel : struct, IKernel
{
    private readonly Shared<TKernel> _first;
    private readonly Shared<TKernel> _second;
    private readonly SharedArray<TKernel> _plain;

    internal Peekers(IKernelBoot<TKernel> boot)
    {
        _first = Shared<TKernel>.Create(boot, "first", Protection.Marked);
        _second = Shared<TKernel>.Create(boot, "second", Protection.Marked);
        _plain = SharedArray<TKernel>.Create(boot, "plain", 1, Protection.None, role: RegionRole.Bookkeeping);
        boot.Spawn("test", Write);
        boot.Spawn("test", Look);
    }

    private async KernelTask Write()
    {
        await _first.WriteOnce(1);
        _plain[0] = 1;
        await _first.WriteOnce(2);
    }

    private async KernelTask Look()
    {
        await _second.WriteOnce(7);
        if (_plain[0] == 1)
            await _second.FetchAdd(1);
        else
            await _second.WriteOnce(0);
    }
}
