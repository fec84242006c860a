using Kmaplab.Scheduler.Coroutines;
using Kmaplab.Scheduler.Kernel;
using Kmaplab.Scheduler.Simulation;
using Kmaplab.Scheduler.Simulation.Running;
using Kmaplab.Scheduler.Verification;

namespace Kmaplab.Scheduler.Tests.Verification;

/// <summary>
/// A search gives up if it has more states than it may, and only then, however many threads share it.
/// </summary>
[KernelObject]
public sealed class StateLimitTests
{
    private const int Tasks = 3;

    private SimulatedKernel _kernel;
    private SpinLock<SimulatedKernel> _lock;

    // Several threads leave numbers unused in every level, so that the highest number is far above the number of
    // states.
    [Theory]
    [InlineData(1, false, false)]
    [InlineData(2, false, false)]
    [InlineData(3, false, false)]
    [InlineData(2, true, false)]
    [InlineData(1, false, true)]
    public void A_search_that_has_just_as_many_states_as_it_may_is_finished(int jobs, bool exact, bool depthFirst)
    {
        long states = Verify(new VerifierOptions()).States;

        VerificationReport report = Verify(
            new VerifierOptions
            {
                StatesMax = states,
                Jobs = jobs,
                IsExact = exact,
                IsDepthFirst = depthFirst,
            }
        );

        Assert.Null(report.Reason);
        Assert.Equal(Verdict.Verified, report.Verdict);
        Assert.Equal(states, report.States);
    }

    [Theory]
    [InlineData(1, false)]
    [InlineData(2, false)]
    [InlineData(3, false)]
    [InlineData(1, true)]
    public void A_search_that_has_one_state_more_gives_up_and_has_seen_more_than_it_may(int jobs, bool depthFirst)
    {
        long most = Verify(new VerifierOptions()).States - 1;

        VerificationReport report = Verify(
            new VerifierOptions
            {
                StatesMax = most,
                Jobs = jobs,
                IsDepthFirst = depthFirst,
            }
        );

        Assert.Equal(Verdict.Inconclusive, report.Verdict);
        Assert.Equal($"more than {most} states", report.Reason);
        Assert.True(report.States > most, $"{report.States} states are not more than {most}");
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void A_search_that_gives_up_early_has_seen_more_than_it_may(int jobs)
    {
        VerificationReport report = Verify(new VerifierOptions { StatesMax = 500, Jobs = jobs });

        Assert.StartsWith("more than 500 states", report.Reason, StringComparison.Ordinal);
        Assert.True(report.States > 500, $"{report.States} states are not more than 500");
    }

    private async KernelTask CountRound()
    {
        for (int turns = 0; ; turns = (turns + 1) % 10)
        {
            await _lock.Acquire();
            await _lock.Release();
            _kernel.OperationDone();
        }
    }

    private VerificationReport Verify(VerifierOptions options)
    {
        MachineImage image = MachineBuilder.Boot(Tasks, interrupts: 0, new MachineOptions(), [], boot =>
        {
            _kernel = boot.Kernel;
            _lock = SpinLock<SimulatedKernel>.Create(boot, "lock");
            for (int task = 0; task < Tasks; task++)
                boot.Spawn("counter", CountRound);
        });
        return new Verifier(image, options).Run();
    }
}
