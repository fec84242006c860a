using Kmaplab.Scheduler.Detection;
using Kmaplab.Scheduler.Exploration;
using Kmaplab.Scheduler.Simulation;
using Kmaplab.Scheduler.Simulation.Hardware;

namespace Kmaplab.Scheduler.Minimization;

/// <summary>
/// Runs what is left of a schedule when something was taken out of it: what is not possible is left out, and when it is
/// over everybody runs on in turn, each as far as it gets.
/// </summary>
internal sealed class ScheduleTrial
{
    private readonly Machine _machine;
    private readonly FailureClass _failure;
    private readonly PreemptionCounter _counter = new();
    private readonly Execution _execution;
    private readonly ThenInTurn _strategy = new();

    internal ScheduleTrial(MachineImage image, FailureClass failure, int stepsMax)
    {
        _machine = new Machine(image);
        _failure = failure;
        _execution = new Execution(_machine, stepsMax, _counter);
    }

    /// <summary>The executions that were tried.</summary>
    internal int Trials { get; private set; }

    /// <summary>The transitions of the latest one, in order.</summary>
    internal ReadOnlySpan<Transition> Schedule => _execution.Schedule;

    /// <summary>
    /// Runs the transitions that are possible, and then on to the end; the failure, as far as it took to see it, or
    /// null if it does not happen.
    /// </summary>
    internal Failing? Run(ReadOnlySpan<Transition> schedule)
    {
        Trials++;
        _strategy.Follow(schedule);
        _execution.Run(_strategy, execution: 1);
        return Seen();
    }

    /// <summary>Runs a schedule as it is, and judges the state that it leads to.</summary>
    internal Failing? RunExactly(ReadOnlySpan<Transition> schedule)
    {
        Trials++;
        if (!_execution.Follow(new ReplayStrategy(schedule)))
            return null;

        _machine.CheckReached();
        return Seen();
    }

    private Failing? Seen() => _machine.Finding is { } finding && finding.Class == _failure
        ? new Failing(_execution.Schedule.ToArray(), _counter.Preemptions, finding)
        : null;

    /// <summary>Follows a schedule where it can, and then lets whoever has run go on as long as it can.</summary>
    private sealed class ThenInTurn : SearchStrategy
    {
        private readonly ReplayStrategy _schedule = new(isTolerant: true);
        private LastRunner _last;

        public override string Name => "shrinking";

        internal void Follow(ReadOnlySpan<Transition> schedule) => _schedule.Load(schedule);

        public override void Begin(long execution)
        {
            _schedule.Begin(execution);
            _last = LastRunner.Nobody;
        }

        public override int Choose(in SchedulingPoint point)
        {
            int choice = _schedule.Choose(point);
            if (choice == Stop)
                choice = GoOn(point.Enabled);

            _last = _last.After(point.Enabled[choice]);
            return choice;
        }

        private int GoOn(ReadOnlySpan<Transition> enabled)
        {
            for (int i = 0; i < enabled.Length; i++)
            {
                if (!_last.IsPreemptedBy(enabled[i], enabled))
                    return i;
            }

            return 0;
        }
    }
}
