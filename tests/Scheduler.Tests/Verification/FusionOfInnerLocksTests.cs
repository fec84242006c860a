using Kmaplab.Scheduler.Coroutines;
using Kmaplab.Scheduler.Detection;
using Kmaplab.Scheduler.Kernel;
using Kmaplab.Scheduler.Simulation;
using Kmaplab.Scheduler.Simulation.Running;
using Kmaplab.Scheduler.Tests.Machines;
using Kmaplab.Scheduler.Verification;

namespace Kmaplab.Scheduler.Tests.Verification;

/// <summary>A section of an inner lock that is taken alone ends where it is released.</summary>
public sealed class FusionOfInnerLocksTests
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Whoever_was_first_in_an_inner_section_need_not_be_first_at_what_follows_it(bool fusion)
    {
        VerificationReport report = new Verifier(new Program().Boot(), new VerifierOptions { Fusion = fusion }).Run(
            TestContext.Current.CancellationToken);

        Assert.Equal(FailureClass.Assertion, report.Counterexample?.Finding.Class);
    }

    /// <summary>Each task draws a ticket under the lock, and then is counted, but not in that order.</summary>
    [KernelObject]
    private sealed class Program
    {
        private SimulatedKernel _kernel;
        private SpinLock<SimulatedKernel> _inner;
        private Shared<SimulatedKernel> _ticket;
        private Shared<SimulatedKernel> _count;

        internal MachineImage Boot() => SmallMachine.Boot(
            2,
            boot =>
            {
                _kernel = boot.Kernel;
                _inner = SpinLock<SimulatedKernel>.Create(boot, "inner", LockRank.Inner);
                _ticket = Shared<SimulatedKernel>.Create(boot, "ticket", _inner.Number);
                _count = Shared<SimulatedKernel>.Create(boot, "count", Protection.Marked);
                boot.Spawn("test", Run);
                boot.Spawn("test", Run);
            });

        private async KernelTask Run()
        {
            await _inner.Acquire();
            int ticket = _ticket.Value++;
            await _inner.Release();
            int place = await _count.FetchAdd(1);
            if (place != ticket)
                _kernel.Fail(FailureClass.Assertion, $"ticket {ticket} comes at place {place}");
        }
    }
}
