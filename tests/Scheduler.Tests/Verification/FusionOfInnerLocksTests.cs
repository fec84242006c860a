using Kmaplab.Scheduler.Coroutines;
using Kmaplab.Scheduler.Detection;
using Kmaplab.Scheduler.Detectors;
using Kmaplab.Scheduler.Kernel;
using Kmaplab.Scheduler.Simulation;
using Kmaplab.Scheduler.Simulation.Running;
using Kmaplab.Scheduler.Tests.Machines;
using Kmaplab.Scheduler.Verification;

namespace Kmaplab.Scheduler.Tests.Verification;

/// <summary>
/// A section of an inner lock that is taken alone ends where it is released, and inside of it another one may be waited
/// for.
/// </summary>
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

    [Theory]
    [InlineData(false, false)]
    [InlineData(false, true)]
    [InlineData(true, false)]
    [InlineData(true, true)]
    public void Inner_locks_that_are_taken_in_two_orders_are_a_deadlock(bool areUnderOthers, bool fusion)
    {
        VerificationReport report = new Verifier(
            new TwoOrders(areUnderOthers, isWrong: true).Boot(), new VerifierOptions { Fusion = fusion })
            .Run(TestContext.Current.CancellationToken);

        Assert.Equal(FailureClass.Deadlock, report.Counterexample?.Finding.Class);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void In_one_order_they_are_none(bool areUnderOthers)
    {
        VerificationReport report = new Verifier(
            new TwoOrders(areUnderOthers, isWrong: false).Boot(), new VerifierOptions { Fusion = true })
            .Run(TestContext.Current.CancellationToken);

        Assert.Equal(Verdict.Verified, report.Verdict);
    }

    /// <summary>
    /// Two tasks that take two inner locks, each under an outer lock of its own, which keeps nobody away, or under
    /// none.
    /// </summary>
    [KernelObject]
    private sealed class TwoOrders(bool areUnderOthers, bool isWrong)
    {
        private readonly SpinLock<SimulatedKernel>[] _outer = new SpinLock<SimulatedKernel>[2];
        private readonly SpinLock<SimulatedKernel>[] _inner = new SpinLock<SimulatedKernel>[2];

        internal MachineImage Boot() => MachineBuilder.Boot(
            2,
            interrupts: 0,
            new MachineOptions(),
            StandardDetectors.Create(),
            boot =>
            {
                for (int i = 0; i < 2; i++)
                {
                    _outer[i] = SpinLock<SimulatedKernel>.Create(boot, $"outer {i}");
                    _inner[i] = SpinLock<SimulatedKernel>.Create(boot, $"inner {i}", LockRank.Inner);
                }

                boot.Spawn("test", () => Work(0, 0));
                boot.Spawn("test", () => Work(1, isWrong ? 1 : 0));
            });

        private async KernelTask Work(int task, int first)
        {
            if (areUnderOthers)
                await _outer[task].Acquire();

            await _inner[first].Acquire();
            await _inner[1 - first].Acquire();
            await _inner[1 - first].Release();
            await _inner[first].Release();
            if (areUnderOthers)
                await _outer[task].Release();
        }
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
