using Kmaplab.Scheduler.Exploration;
using Kmaplab.Scheduler.Exploration.Classes;
using Kmaplab.Scheduler.Exploration.Strategies;
using Kmaplab.Scheduler.Scenarios;
using Kmaplab.Scheduler.Simulation;
using Kmaplab.Scheduler.Simulation.Hardware;
using Kmaplab.Stress.Scenarios;

namespace Kmaplab.Stress.Tests.Verification;

/// <summary>
/// Classes of executions, on machines with page tables, shared CPUs, interrupts and shootdowns: none may hold two
/// executions that differ in more than the order of what cannot see each other.
/// </summary>
public sealed class ExecutionClassTests
{
    private const int Executions = 1500;

    private static readonly ScenarioCatalogue s_catalogue = new(typeof(Churn<>).Assembly);

    public static TheoryData<string, SizeRequest> Machines() => new()
    {
        { "churn", new SizeRequest { Tasks = 2, Slots = 1, Pages = 2, Rounds = 1 } }, // Page tables, sleepers.
        { "shared", new SizeRequest { Tasks = 2, Slots = 1, Pages = 1, Rounds = 1 } },
        { "shootdown", new SizeRequest { Tasks = 2, Slots = 1, Rounds = 1 } },
        { "atomic", new SizeRequest() }, // Soft and hard interrupts.
        { "bounce", new SizeRequest() },
        { "migrate", new SizeRequest() }, // Shared CPUs.
        { "mixed", new SizeRequest { Tasks = 2, Slots = 1, Pages = 1, Cpus = 2 } },
    };

    [Theory]
    [MemberData(nameof(Machines))]
    public void Executions_of_a_class_end_in_the_same_state(string scenario, SizeRequest size)
    {
        var run = new ClassedRun(Boot(scenario, size));
        var ends = new Dictionary<UInt128, (UInt128 End, Transition[] Schedule)>();
        int met = 0;
        for (int number = 1; number <= Executions; number++)
        {
            run.Walk(number);
            if (!ends.TryGetValue(run.Class, out (UInt128 End, Transition[] Schedule) other))
            {
                ends.Add(run.Class, (run.End, run.Schedule));
                continue;
            }

            Assert.Equal(other.End, run.End);
            met += run.Schedule.AsSpan().SequenceEqual(other.Schedule) ? 0 : 1;
        }

        Assert.True(ends.Count > 1, "all executions are of one class");
        Assert.True(met > 0, "no class had two executions, so nothing was compared");
    }

    [Theory]
    [MemberData(nameof(Machines))]
    public void Neighbours_that_touch_nothing_in_common_can_change_places(string scenario, SizeRequest size)
    {
        var run = new ClassedRun(Boot(scenario, size));
        var again = new ClassedRun(Boot(scenario, size));
        int exchanged = 0;
        for (int number = 1; number <= 40; number++)
        {
            run.Walk(number);
            if (run.HasFailed)
                continue;

            for (int first = 0; first + 1 < run.Schedule.Length; first++)
            {
                if (!run.AreIndependent(first))
                    continue;

                Transition[] schedule = [.. run.Schedule];
                (schedule[first], schedule[first + 1]) = (schedule[first + 1], schedule[first]);
                Assert.True(
                    again.Follow(schedule), $"{schedule[first]} and {schedule[first + 1]} depend on each other");
                Assert.Equal((run.Class, run.End), (again.Class, again.End));
                exchanged++;
            }
        }

        Assert.True(exchanged > 0, "no two neighbours were independent");
    }

    [Theory]
    [MemberData(nameof(Machines))]
    public void What_decides_whether_something_can_happen_says_the_same_as_the_list(string scenario, SizeRequest size)
    {
        var run = new ClassedRun(Boot(scenario, size));
        for (int number = 1; number <= 20; number++)
            run.Walk(number); // It compares at each step.

        Assert.True(run.Compared > 0, "nothing was compared");
    }

    private static MachineImage Boot(string scenario, SizeRequest size) =>
        s_catalogue.Resolve(scenario, null, size).Boot();

    /// <summary>Executions with their class, their end, and what each transition has touched.</summary>
    private sealed class ClassedRun
    {
        private readonly Machine _machine;
        private readonly HappensBefore _past;
        private readonly List<Transition> _schedule = [];
        private readonly List<(int Address, bool IsWrite)[]> _touches = [];

        internal ClassedRun(MachineImage image)
        {
            _machine = new Machine(image, copyOnResume: false, logsTouches: true);
            _past = new HappensBefore(_machine);
        }

        internal UInt128 Class => _past.Fingerprint;

        internal UInt128 End => _machine.StateHash();

        internal bool HasFailed => _machine.Finding is not null;

        internal Transition[] Schedule => [.. _schedule];

        internal int Compared { get; private set; }

        internal void Walk(int number)
        {
            Begin();
            var strategy = new RandomWalkStrategy(seed: 1);
            strategy.Begin(number);
            while (!HasFailed && _machine.Enabled().Length > 0)
            {
                Compare();
                var point = new SchedulingPoint(_machine, _machine.Enabled(), _schedule.Count);
                Perform(point.Enabled[strategy.Choose(point)]);
            }
        }

        internal bool Follow(Transition[] schedule)
        {
            Begin();
            foreach (Transition transition in schedule)
            {
                if (!_machine.Enabled().Contains(transition))
                    return false;

                Perform(transition);
            }

            return _machine.Enabled().Length == 0;
        }

        internal bool AreIndependent(int first) => !_touches[first].Any(one =>
            _touches[first + 1].Any(other => one.Address == other.Address && (one.IsWrite || other.IsWrite)));

        private void Begin()
        {
            _machine.Reset();
            _past.Clear();
            _schedule.Clear();
            _touches.Clear();
        }

        private void Perform(Transition transition)
        {
            _past.Perform(transition);
            _schedule.Add(transition);
            _touches.Add([.. _past.Touches]);
        }

        private void Compare()
        {
            Transition[] enabled = _machine.Enabled().ToArray();
            for (int context = 0; context < _machine.Tasks.Contexts; context++)
                Look(Transition.Step(context), isListed: enabled.Any(each => each.IsStepOf(context)));

            if (_machine.Image.IsPinned)
                return;

            for (int cpu = 0; cpu < _machine.Cpus.Count; cpu++)
            {
                Look(Transition.Preempt(cpu), enabled);
                Look(Transition.Acknowledge(cpu), enabled);
                for (int task = 0; task < _machine.Tasks.Count; task++)
                    Look(Transition.Dispatch(cpu, task), enabled);

                for (int interrupt = 0; interrupt < _machine.Image.Interrupts.Count; interrupt++)
                    Look(Transition.Interrupt(cpu, interrupt), enabled);
            }
        }

        private void Look(Transition transition, Transition[] enabled) =>
            Look(transition, enabled.Contains(transition));

        private void Look(Transition transition, bool isListed)
        {
            Assert.Equal(isListed, _machine.LookWhether(transition));
            Compared++;
        }
    }
}
