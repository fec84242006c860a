using Kmaplab.Scheduler.Recordings;
using Kmaplab.Scheduler.Simulation;
using Kmaplab.Scheduler.Simulation.Operations;
using Kmaplab.Scheduler.Simulation.Running;
using Kmaplab.Scheduler.Tests.Machines;
using Kmaplab.Scheduler.Tests.Threads;
using Kmaplab.Scheduler.Threads;
using Kmaplab.Scheduler.Threads.Orders;
using Kmaplab.Scheduler.Threads.Tasks;

namespace Kmaplab.Scheduler.Tests.Recordings;

/// <summary>
/// A look without a lock belongs to the step of the primitive before it, and there is an order in which it does.
/// </summary>
public sealed class LookReplayTests
{
    private const int Runs = 60;

    [Fact]
    public void Orders_do_not_contradict_each_other_however_soon_somebody_looks_behind_a_primitive()
    {
        for (ulong seed = 1; seed <= Runs; seed++)
        {
            ThreadRecording run = Record(seed);

            RecordingReport report = Replay(run);

            Assert.Null(report.Divergence);
            Assert.Null(report.DifferentWord);
            Assert.True(report.Reproduced, $"seed {seed}");
        }

    }

    private static ThreadRecording Record(ulong seed)
    {
        using ThreadMachine machine = ThreadMachine.Boot<CheckedMode>(
            new ThreadOptions { Records = true, Jitter = seed % 2 == 0, Seed = seed },
            boot => _ = new Lookers<ThreadKernel<CheckedMode>>(boot));
        ThreadRun run = machine.Finish();
        Assert.Null(run.Finding);
        return machine.TakeRecording(run);
    }

    private static RecordingReport Replay(ThreadRecording run)
    {
        MachineImage image = SmallMachine.Boot(
            Lookers<SimulatedKernel>.Tasks,
            boot => _ = new Lookers<SimulatedKernel>(boot),
            new MachineOptions { Points = SchedulingPoints.All });
        return new RecordingReplay(image, new Recording(RecordingReplayTests.Header(null), run)).Run();
    }
}
