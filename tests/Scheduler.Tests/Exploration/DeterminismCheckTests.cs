using Kmaplab.Scheduler.Coroutines;
using Kmaplab.Scheduler.Detection;
using Kmaplab.Scheduler.Exploration;
using Kmaplab.Scheduler.Exploration.Searches;
using Kmaplab.Scheduler.Exploration.Strategies;
using Kmaplab.Scheduler.Kernel;
using Kmaplab.Scheduler.Simulation;
using Kmaplab.Scheduler.Simulation.Hardware;
using Kmaplab.Scheduler.Simulation.Running;
using Kmaplab.Scheduler.Tests.Machines;

namespace Kmaplab.Scheduler.Tests.Exploration;

/// <summary>Kernel code that depends on anything outside the machine is found, and told at which step.</summary>
public sealed class DeterminismCheckTests
{
    private Shared<SimulatedKernel> _word;
    // What nobody can see from outside, like a clock.
    private readonly System.Threading.AsyncLocal<int> _hidden = new();

    [Fact]
    public void Kernel_code_that_writes_hidden_state_into_memory_is_found_at_the_next_state()
    {
        Finding? finding = Check(3, async () =>
        {
            await _word.WriteOnce(1);
            await _word.WriteOnce(_hidden.Value++);
            await _word.ReadOnce();
        });
        finding.AssertFound(
            FailureClass.Nondeterminism,
            "at step 1 the same schedule led to another state",
            "a mutable field");
    }

    [Fact]
    public void Kernel_code_that_keeps_hidden_state_in_a_local_is_found()
    {
        Finding? finding = Check(1, async () =>
        {
            int local = _hidden.Value++;
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
            if (_hidden.Value++ == 0)
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
            if (_hidden.Value++ != 0)
                await _word.WriteOnce(2);
        });
        finding.AssertFound(
            FailureClass.Nondeterminism,
            "at step 1 transition 0 of the recorded schedule is not enabled");
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
    public void An_exploration_checks_its_first_executions_and_then_every_nth()
    {
        // Eight executions are run three times each; only after that does the value change.
        int Hidden() => _hidden.Value++ < 30 ? 0 : _hidden.Value & 1;
        MachineImage image = Boot(async () => await _word.WriteOnce(Hidden()));
        var options = new ExplorerOptions { Executions = 100, DeterminismEvery = 30 };

        ExplorationReport report = new Explorer(image, () => new RandomWalkStrategy(1), options).Run(
            TestContext.Current.CancellationToken);

        report.First?.Finding.AssertFound(FailureClass.Nondeterminism);
        Assert.Equal(30, report.First?.Number);
        Assert.Null(
            new Explorer(image, () => new RandomWalkStrategy(1), options with { DeterminismEvery = 0 })
                .Run(TestContext.Current.CancellationToken)
                .First);
        Assert.Equal(
            1,
            new Explorer(
                Boot(async () => await _word.WriteOnce(_hidden.Value++)),
                () => new RandomWalkStrategy(1),
                options)
                .Run(TestContext.Current.CancellationToken)
                .First?.Number);
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
