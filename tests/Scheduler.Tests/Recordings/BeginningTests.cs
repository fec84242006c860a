using Kmaplab.Scheduler.Coroutines;
using Kmaplab.Scheduler.Kernel;
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
/// What tasks do in front of their first operation the simulated machine does while it boots, one after the other.
/// </summary>
public sealed class BeginningTests
{
    private const ulong Runs = 50;

    [Fact]
    public void What_is_recorded_begins_as_the_simulated_machine_does()
    {
        MachineImage image = SmallMachine.Boot(
            Beginners<SimulatedKernel>.Tasks,
            boot => _ = new Beginners<SimulatedKernel>(boot),
            new MachineOptions { Points = SchedulingPoints.All });
        for (ulong seed = 1; seed <= Runs; seed++)
        {
            using ThreadMachine machine = ThreadMachine.Boot<CheckedMode>(
                new ThreadOptions { Records = true, Jitter = true, Seed = seed },
                boot => _ = new Beginners<ThreadKernel<CheckedMode>>(boot));
            ThreadRecording run = machine.TakeRecording(machine.Finish());

            RecordingReport report = new RecordingReplay(
                image, new Recording(RecordingReplayTests.Header(null), run)).Run();

            Assert.Null(report.Divergence);
            Assert.Null(report.DifferentWord);
        }
    }
}

/// <summary>Each has done something before its first operation, of which the next ones see the traces.</summary>
[KernelObject]
internal sealed class Beginners<TKernel>
    where TKernel : struct, IKernel
{
    internal const int Tasks = 6;

    private readonly SharedArray<TKernel> _seen;
    private readonly Shared<TKernel> _last;

    internal Beginners(IKernelBoot<TKernel> boot)
    {
        _seen = SharedArray<TKernel>.Create(boot, "seen", 1, Protection.None, role: RegionRole.Bookkeeping);
        _last = Shared<TKernel>.Create(boot, "last", Protection.Marked);
        for (int task = 0; task < Tasks; task++)
        {
            int number = task;
            boot.Spawn("test", () => Run(number));
        }
    }

    private async KernelTask Run(int task)
    {
        _seen[0] = (_seen[0] * 7) + task + 1;
        if (task == 3)
            return; // Without any operation.

        await _last.WriteOnce(_seen[0]);
    }
}
