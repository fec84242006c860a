using Kmaplab.Scheduler.Coroutines;
using Kmaplab.Scheduler.Kernel;
using Kmaplab.Scheduler.Simulation;
using Kmaplab.Scheduler.Verification;

namespace Kmaplab.Scheduler.Tests.Verification;

/// <summary>A program that counts for ever has no finite state space: the search must say so, and what counts.</summary>
[KernelObject]
public sealed class FiniteStateTests
{
    private SimulatedKernel _kernel;
    private SpinLock<SimulatedKernel> _lock;
    private Shared<SimulatedKernel> _laps;

    [Theory]
    [InlineData(1, false)]
    [InlineData(2, false)]
    [InlineData(1, true)]
    public void A_counter_in_memory_that_never_stops_is_named(int tasks, bool depthFirst)
    {
        VerificationReport report = Verify(tasks, CountInMemory, new VerifierOptions { IsDepthFirst = depthFirst });

        Assert.Equal(Verdict.Inconclusive, report.Verdict);
        Assert.StartsWith("not finite-state: laps keeps growing", report.Reason, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(1, false)]
    [InlineData(2, false)]
    [InlineData(1, true)]
    public void A_counter_in_a_local_that_never_stops_is_named(int tasks, bool depthFirst)
    {
        VerificationReport report = Verify(tasks, CountInLocal, new VerifierOptions { IsDepthFirst = depthFirst });

        Assert.Equal(Verdict.Inconclusive, report.Verdict);
        Assert.StartsWith("not finite-state: local 'turns' of CountInLocal() keeps growing", report.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void A_counter_that_goes_down_for_ever_is_named()
    {
        VerificationReport report = Verify(1, CountDown, new VerifierOptions());

        Assert.StartsWith("not finite-state: local 'turns' of CountDown() keeps growing", report.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void A_limit_that_is_met_before_a_counter_is_sure_to_be_endless_names_it_all_the_same()
    {
        VerificationReport report = Verify(2, CountInLocal, new VerifierOptions { StatesMax = 4000 });

        Assert.Equal(Verdict.Inconclusive, report.Verdict);
        Assert.StartsWith("more than 4000 states; perhaps not finite-state: local 'turns' of CountInLocal()", report.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void A_counter_that_wraps_is_no_obstacle()
    {
        VerificationReport report = Verify(2, CountToAHundred, new VerifierOptions());

        Assert.Equal(Verdict.Verified, report.Verdict);
        Assert.True(report.States > 100 * 100, "the tasks have not counted");
    }

    private async KernelTask CountInMemory()
    {
        while (true)
        {
            await _lock.Acquire();
            _laps.Value++;
            await _lock.Release();
        }
    }

    private async KernelTask CountInLocal()
    {
        for (int turns = 0; turns >= 0; turns++)
        {
            await _lock.Acquire();
            await _lock.Release();
        }
    }

    private async KernelTask CountDown()
    {
        for (int turns = 0; turns <= 0; turns--)
        {
            await _lock.Acquire();
            await _lock.Release();
        }
    }

    private async KernelTask CountToAHundred()
    {
        for (int turns = 0; ; turns = (turns + 1) % 100)
        {
            await _lock.Acquire();
            await _lock.Release();
            _kernel.OperationDone();
        }
    }

    private VerificationReport Verify(int tasks, Func<KernelTask> body, VerifierOptions options)
    {
        MachineImage image = MachineBuilder.Boot(tasks, interrupts: 0, new MachineOptions(), [], boot =>
        {
            _kernel = boot.Kernel;
            _lock = SpinLock<SimulatedKernel>.Create(boot, "lock");
            _laps = Shared<SimulatedKernel>.Create(boot, "laps", _lock.Number);
            for (int task = 0; task < tasks; task++)
                boot.Spawn("counter", body);
        });
        return new Verifier(image, options).Run();
    }
}
