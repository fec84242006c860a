using Kmaplab.CoyoteTests.Kernel;
using Kmaplab.Scheduler.Coroutines;
using Kmaplab.Scheduler.Kernel;
using Kmaplab.Scheduler.Scenarios;
using Kmaplab.Scheduler.Simulation;
using Kmaplab.Stress.Scenarios;
using static Kmaplab.CoyoteTests.Kernel.CoyoteMachine;

namespace Kmaplab.CoyoteTests;

/// <summary>What Coyote cannot express is refused at boot, and says why.</summary>
public sealed class RefusalTests
{
    [Fact]
    public void Fewer_CPUs_than_tasks_are_refused()
    {
        var size = new ScenarioSize { Tasks = 3 };

        var refusal = Assert.Throws<NotSupportedException>(() =>
            Boot(new Churn<CoyoteKernel>(), size, new MachineOptions { Cpus = 2 }));

        Assert.StartsWith("2 CPUs for 3 tasks: ", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Interrupts_are_refused()
    {
        var refusal = Assert.Throws<NotSupportedException>(() =>
            Boot(new Interrupted(), new ScenarioSize(), new MachineOptions()));

        Assert.StartsWith("interrupt \"disk\": ", refusal.Message, StringComparison.Ordinal);
    }

    private sealed class Interrupted : Scenario<CoyoteKernel>
    {
        public override int Interrupts(ScenarioSize size) => 1;

        public override void Boot(IKernelBoot<CoyoteKernel> boot, ScenarioSize size) =>
            boot.AttachInterrupt("disk", InterruptKind.Hard, limit: 1, () => default(KernelTask));
    }
}
