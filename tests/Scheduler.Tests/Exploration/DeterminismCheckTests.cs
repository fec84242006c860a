using Kmaplab.Scheduler.Coroutines;
using Kmaplab.Scheduler.Detection;
using Kmaplab.Scheduler.Exploration;
using Kmaplab.Scheduler.Exploration.Strategies;
using Kmaplab.Scheduler.Kernel;
using Kmaplab.Scheduler.Simulation;
using Kmaplab.Scheduler.Tests.Machines;

namespace Kmaplab.Scheduler.Tests.Exploration;

/// <summary>Kernel code that depends on anything outside the machine is found, and told at which step.</summary>
public sealed class DeterminismCheckTests
{
    private Shared<SimulatedKernel> _word;
    private int _hidden;

    [Fact]
    public void Kernel_code_that_writes_hidden_state_into_memory_is_found_at_the_next_state()
    {
        Finding? finding = Check(3, async () =>
        {
            await _word.WriteOnce(1);
            await _word.WriteOnce(_hidden++);
            await _word.ReadOnce();
        });
        finding.AssertFound(FailureClass.Nondeterminism, "at step 1 the same schedule led to another state", "a mutable field");
    }

    [Fact]
    public void Kernel_code_that_keeps_hidden_state_in_a_local_is_found()
    {
        Finding? finding = Check(1, async () =>
        {
            int local = _hidden++;
            await _word.ReadOnce();
            await _word.WriteOnce(local);
        });
        finding.AssertFound(FailureClass.Nondeterminism, "at step 0 the same schedule led to another state");
    }

    [Fact]
    public void Kernel_code_that_goes_another_way_is_found()
    {
        Finding? finding = Check(2, async () =>
        {
            await _word.WriteOnce(1);
            if (_hidden++ == 0)
                await _word.WriteOnce(2);
        });
        finding.AssertFound(FailureClass.Nondeterminism, "at step 1 the same schedule led to another state");
    }

    [Fact]
    public void Kernel_code_that_ends_too_early_the_first_time_is_found()
    {
        Finding? finding = Check(2, async () =>
        {
            await _word.WriteOnce(1);
            if (_hidden++ != 0)
                await _word.WriteOnce(2);
        });
        finding.AssertFound(FailureClass.Nondeterminism, "at step 1 transition 0 of the recorded schedule is not enabled");
    }

    [Fact]
    public void Kernel_code_that_keeps_to_the_machine_is_no_finding()
    {
        Assert.Null(Check(3, async () =>
        {
            int local = await _word.FetchAdd(1);
            await _word.WriteOnce(local + 1);
            await _word.ReadOnce();
        }));
    }

    [Fact]
    public void An_exploration_checks_every_nth_execution()
    {
        MachineImage image = Boot(async () => await _word.WriteOnce(_hidden++ & 1));
        var options = new ExplorerOptions { Executions = 100, DeterminismEvery = 30 };

        ExplorationReport report = new Explorer(image, () => new RandomWalkStrategy(1), options).Run(TestContext.Current.CancellationToken);

        report.First?.Finding.AssertFound(FailureClass.Nondeterminism);
        Assert.Equal(30, report.First?.Number);
        Assert.Null(new Explorer(image, () => new RandomWalkStrategy(1), options with { DeterminismEvery = 0 }).Run(TestContext.Current.CancellationToken).First);
    }

    private Finding? Check(int steps, Func<KernelTask> body)
    {
        var machine = new Machine(Boot(body));
        return new DeterminismCheck(machine).Run(Enumerable.Repeat(Transition.Step(0), steps).ToArray());
    }

    private MachineImage Boot(Func<KernelTask> body) => SmallMachine.Boot(1, boot =>
    {
        _word = Shared<SimulatedKernel>.Create(boot, "word", guard: -1);
        boot.Spawn("test", body);
    });
}
