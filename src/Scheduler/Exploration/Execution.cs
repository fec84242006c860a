using Kmaplab.Scheduler.Detection;
using Kmaplab.Scheduler.Simulation;
using Kmaplab.Scheduler.Simulation.Hardware;

namespace Kmaplab.Scheduler.Exploration;

/// <summary>
/// Runs a machine from its start to a finding, to its end, or to a step limit, and records the schedule.
/// </summary>
/// <remarks>Nothing is allocated once the schedule has grown to its usual length.</remarks>
public sealed class Execution(Machine machine, int stepsMax)
{
    private readonly LivelockWatch _livelocks = new(machine);
    private Transition[] _schedule = new Transition[256];
    private int _steps;
    private long _progress;

    /// <summary>The transitions of the latest execution, in order.</summary>
    public ReadOnlySpan<Transition> Schedule => _schedule.AsSpan(0, _steps);

    /// <summary>The number of steps of the latest execution.</summary>
    public int Steps => _steps;

    /// <summary>What the latest execution showed; null if nothing is wrong.</summary>
    public Finding? Finding => machine.Finding;

    /// <summary>Whether the latest execution was cut off at the step limit.</summary>
    public bool IsCutOff { get; private set; }

    /// <summary>
    /// For a livelock, how many transitions at the end lead back to the state they began in; otherwise 0.
    /// </summary>
    public int Loop => _livelocks.Loop;

    /// <summary>Runs one execution.</summary>
    public void Run(SearchStrategy strategy, long execution)
    {
        ArgumentNullException.ThrowIfNull(strategy);
        strategy.Begin(execution);
        machine.Reset();
        _livelocks.Begin();
        _steps = 0;
        IsCutOff = false;
        _progress = 0;
        int nextLook = Math.Min(stepsMax, LivelockWatch.Patience);
        while (machine.Finding is null)
        {
            ReadOnlySpan<Transition> enabled = machine.Enabled();
            if (enabled.IsEmpty)
            {
                machine.Conclude();
                return;
            }

            if (_steps == nextLook)
            {
                if (IsOver(ref nextLook))
                    return;

                enabled = machine.Enabled(); // Looking may have run the machine to where it is a second time.
            }

            Transition choice = enabled[strategy.Choose(new SchedulingPoint(machine, enabled, _steps))];
            if (_steps == _schedule.Length)
                Array.Resize(ref _schedule, _steps * 2);

            _schedule[_steps++] = choice;
            machine.Perform(choice);
        }
    }

    /// <summary>Whether an execution that is long by now goes on for ever, or has reached the step limit.</summary>
    private bool IsOver(ref int nextLook)
    {
        if (_steps == stepsMax)
        {
            IsCutOff = true;
            return true;
        }

        if (machine.Progress != _progress)
        {
            _progress = machine.Progress;
            _livelocks.Forget();
            nextLook = Math.Min(stepsMax, _steps + LivelockWatch.Patience);
            return false;
        }

        nextLook = _steps + 1;
        return _livelocks.Look(ref _schedule, ref _steps);
    }
}
