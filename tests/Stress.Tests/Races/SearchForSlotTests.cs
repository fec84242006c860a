using Kmaplab.Scheduler.Exploration;
using Kmaplab.Scheduler.Exploration.Classes;
using Kmaplab.Scheduler.Exploration.Strategies;
using Kmaplab.Scheduler.Kernel;
using Kmaplab.Scheduler.Scenarios;
using Kmaplab.Scheduler.Simulation;
using Kmaplab.Scheduler.Simulation.Hardware;
using Kmaplab.Scheduler.Simulation.Operations;
using Kmaplab.Stress.Scenarios;

namespace Kmaplab.Stress.Tests.Races;

/// <summary>
/// The search for a slot passes over many at once, unless somebody watches each access. What it does must be the same.
/// </summary>
public sealed class SearchForSlotTests
{
    private const int Executions = 30;

    private static readonly ScenarioCatalogue s_catalogue = new(typeof(Churn<>).Assembly);

    [Theory]
    [InlineData(null)]
    [InlineData("no-recheck")]
    [InlineData("no-wakeup")]
    [InlineData("unlocked-tlb-flush")] // Others move the cursor while the search flushes.
    [InlineData("unlocked-tlb-flush-repaired")]
    public void It_is_the_same_whether_or_not_each_look_is_made_by_itself(string? variant)
    {
        var size = new SizeRequest { Tasks = 12, Slots = 8, Pages = 20, Rounds = 2 };
        Experiment experiment = s_catalogue.Resolve("churn", variant, size);
        for (int execution = 1; execution <= Executions; execution++)
        {
            (Transition[] Schedule, UInt128 Class, UInt128 End) passing = Run(experiment, execution, observer: null);
            (Transition[] Schedule, UInt128 Class, UInt128 End) looking = Run(experiment, execution, new Watcher());

            Assert.Equal(looking.Schedule, passing.Schedule);
            Assert.Equal(looking.End, passing.End);
            Assert.Equal(looking.Class, passing.Class);
        }
    }

    private static (Transition[] Schedule, UInt128 Class, UInt128 End) Run(
        Experiment experiment, long number, IMachineObserver? observer)
    {
        var machine = new Machine(experiment.Boot(), copyOnResume: false, logsTouches: true) { Observer = observer };
        var past = new HappensBefore(machine);
        var execution = new Execution(machine, stepsMax: 100_000, new Follower(past));
        execution.Run(new RandomWalkStrategy(seed: 1), number);
        return (execution.Schedule.ToArray(), past.Fingerprint, machine.StateHash());
    }

    private sealed class Follower(HappensBefore past) : IExecutionObserver
    {
        public void OnBegin(Machine machine) => past.Clear();

        public void OnChosen(in SchedulingPoint point, Transition choice) => past.Before(choice);

        public void OnPerformed(Machine machine, int step, Transition choice) => past.After();
    }

    private sealed class Watcher : IMachineObserver
    {
        public void OnOperation(int context, in PerformedOperation operation)
        {
        }

        public void OnWoken(int task, bool slept)
        {
        }

        public void OnCount(KernelEvent what)
        {
        }

        public void OnOperationDone(int context)
        {
        }
    }
}
