using Kmaplab.Scheduler.Coroutines;
using Kmaplab.Scheduler.Kernel;
using Kmaplab.Scheduler.Simulation;
using Kmaplab.Scheduler.Simulation.Running;
using Kmaplab.Scheduler.Verification;

namespace Kmaplab.Scheduler.Tests.Verification;

/// <summary>
/// A program that counts for ever has no finite state space: the search says what counts, and goes on, as the counter
/// may stop.
/// </summary>
[KernelObject]
public sealed class FiniteStateTests
{
    private const int StatesMax = 20_000;

    private SimulatedKernel _kernel;
    private SpinLock<SimulatedKernel> _lock;
    private Shared<SimulatedKernel> _laps;

    [Theory]
    [InlineData(1, false)]
    [InlineData(2, false)]
    [InlineData(1, true)]
    public void A_counter_in_memory_that_never_stops_is_named(int tasks, bool depthFirst)
    {
        VerificationReport report = Verify(
            tasks,
            CountInMemory,
            new VerifierOptions { IsDepthFirst = depthFirst, StatesMax = StatesMax }
        );

        Assert.Equal(Verdict.Inconclusive, report.Verdict);
        Assert.StartsWith(
            $"more than {StatesMax} states; perhaps not finite-state: laps keeps growing (0 to ",
            report.Reason,
            StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(1, false)]
    [InlineData(2, false)]
    [InlineData(1, true)]
    public void A_counter_in_a_local_that_never_stops_is_named(int tasks, bool depthFirst)
    {
        VerificationReport report = Verify(
            tasks,
            CountInLocal,
            new VerifierOptions { IsDepthFirst = depthFirst, StatesMax = StatesMax }
        );

        Assert.Equal(Verdict.Inconclusive, report.Verdict);
        Assert.Contains(
            "perhaps not finite-state: local 'turns' of CountInLocal() keeps growing (0 to ",
            report.Reason,
            StringComparison.Ordinal);
    }

    [Fact]
    public void A_counter_that_goes_down_for_ever_is_named()
    {
        VerificationReport report = Verify(1, CountDown, new VerifierOptions { StatesMax = StatesMax });

        Assert.Matches("local 'turns' of CountDown\\(\\) keeps growing \\(-[0-9]+ to 0 so far\\)", report.Reason);
    }

    [Theory]
    [InlineData(1, false)]
    [InlineData(2, false)]
    [InlineData(1, true)]
    public void A_counter_that_stops_is_warned_of_and_the_finished_search_has_its_verdict(int jobs, bool depthFirst)
    {
        var warnings = new List<string>();
        VerificationReport report = Verify(
            1,
            CountToThousand,
            new VerifierOptions { Jobs = jobs, IsDepthFirst = depthFirst },
            warnings.Add);

        Assert.Equal((Verdict.Verified, null), (report.Verdict, report.Reason));
        Assert.True(report.States > 1000, $"the task has not counted: {report.States} states");
        Assert.Equal(1, report.FinalStates);
        if (depthFirst)
            return; // It looks too seldom.

        Assert.StartsWith(
            "perhaps not finite-state: laps keeps growing (0 to 1",
            Assert.Single(warnings),
            StringComparison.Ordinal);
    }

    [Fact]
    public void What_grows_without_end_fills_the_memory_that_the_search_may_take_and_no_more()
    {
        VerificationReport report = Verify(
            1,
            CountInLocal,
            new VerifierOptions { MemoryMax = 8 << 20, Progress = false }
        );

        Assert.Equal(Verdict.Inconclusive, report.Verdict);
        Assert.StartsWith(
            "the tables are larger than 8 MiB; perhaps not finite-state: local 'turns'",
            report.Reason,
            StringComparison.Ordinal);
    }

    [Fact]
    public void A_few_growths_are_no_hint_where_tasks_end()
    {
        var options = new VerifierOptions { StatesMax = 100, MayRunForEver = false };

        Assert.Equal("more than 100 states", Verify(1, CountToThousand, options).Reason);
        Assert.Contains(
            "laps keeps growing",
            Verify(1, CountToThousand, options with { MayRunForEver = true }).Reason,
            StringComparison.Ordinal);
    }

    [Fact]
    public void A_limit_that_is_met_before_a_counter_is_sure_to_be_endless_names_it_all_the_same()
    {
        VerificationReport report = Verify(2, CountInLocal, new VerifierOptions { StatesMax = 4000 });

        Assert.Equal(Verdict.Inconclusive, report.Verdict);
        Assert.StartsWith(
            "more than 4000 states; perhaps not finite-state: local 'turns' of CountInLocal()",
            report.Reason,
            StringComparison.Ordinal);
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

    private async KernelTask CountToThousand()
    {
        for (int turns = 0; turns < 1; turns = await Count() >= 1000 ? 1 : 0)
            _kernel.OperationDone();
    }

    private async KernelTask<int> Count()
    {
        await _lock.Acquire();
        int laps = ++_laps.Value;
        await _lock.Release();
        return laps;
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

    private VerificationReport Verify(
        int tasks,
        Func<KernelTask> body,
        VerifierOptions options,
        Action<string>? warn = null)
    {
        MachineImage image = MachineBuilder.Boot(tasks, interrupts: 0, new MachineOptions(), [], boot =>
        {
            _kernel = boot.Kernel;
            _lock = SpinLock<SimulatedKernel>.Create(boot, "lock");
            _laps = Shared<SimulatedKernel>.Create(boot, "laps", _lock.Number);
            for (int task = 0; task < tasks; task++)
                boot.Spawn("counter", body);
        });
        return new Verifier(image, options) { Warning = warn }.Run();
    }
}
