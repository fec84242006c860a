using Kmaplab.Scheduler.Detection;
using Kmaplab.Scheduler.Simulation;
using Kmaplab.Scheduler.Simulation.Cells;
using Kmaplab.Scheduler.Simulation.Hardware;

namespace Kmaplab.Scheduler.Exploration;

/// <summary>
/// Runs a machine from its start, through transitions that a strategy picks, and records the schedule: the one loop
/// that does so.
/// </summary>
/// <remarks>
/// Nothing is allocated once the schedule has grown to its usual length. Who goes back to states, as searches of all of
/// them do, does not run executions.
/// </remarks>
/// <param name="machine">What is run.</param>
/// <param name="stepsMax">Where an execution that is explored is cut off; a schedule is followed to its end.</param>
/// <param name="observers">Who is told of each step.</param>
public sealed class Execution(Machine machine, int stepsMax = int.MaxValue, params IExecutionObserver[] observers)
{
    private readonly LivelockWatch _livelocks = new(machine, observers);
    private Transition[] _schedule = new Transition[256];
    private int _steps;
    private long _progress;
    private CellWalk? _walk;
    private PointWalk? _pointWalk;
    private bool _isInCells; // The latest execution has ended there, and not in the machine.

    /// <summary>The machine that it is an execution of.</summary>
    internal Machine Machine => machine;

    /// <summary>The transitions of the latest execution, in order.</summary>
    public ReadOnlySpan<Transition> Schedule => _schedule.AsSpan(0, _steps);

    /// <summary>The number of steps of the latest execution.</summary>
    public int Steps => _steps;

    /// <summary>What the latest execution showed; null if nothing is wrong.</summary>
    public Finding? Finding => machine.Finding;

    /// <summary>The state in which it has ended, as one value.</summary>
    internal UInt128 EndState()
    {
        if (_isInCells)
            Cells!.Place(_steps == 0 ? -1 : _schedule[_steps - 1].Subject);

        return machine.StateHash();
    }

    /// <summary>Whether the latest execution was cut off at the step limit.</summary>
    public bool IsCutOff { get; private set; }

    /// <summary>
    /// For a livelock, how many transitions at the end lead back to the state they began in; otherwise 0.
    /// </summary>
    public int Loop => _livelocks.Loop;

    /// <summary>
    /// Runs one execution to a finding, to its end, or to the step limit, or until the strategy stops.
    /// </summary>
    public void Run(SearchStrategy strategy, long execution)
    {
        ArgumentNullException.ThrowIfNull(strategy);
        int nextLook = Math.Min(stepsMax, _livelocks.Patience);
        _isInCells = false;
        if (Cells is { Fits: true } && nextLook <= CellWalk.StepsMax && strategy is IPointStrategy)
            Walk(strategy, execution, nextLook);
        else if (Go(strategy, execution, nextLook))
            machine.Conclude();

        strategy.End(machine);
    }

    /// <summary>
    /// The same machine as cells, which makes the steps of strategies that ask only points from now on; null for none.
    /// Nobody observes.
    /// </summary>
    internal CellMachine? Cells
    {
        get;
        set
        {
            field = value;
            _walk = value is null ? null : new CellWalk(value);
            _pointWalk = value is null ? null : new PointWalk(value);
        }
    }

    private void Walk(SearchStrategy strategy, long execution, int nextLook)
    {
        strategy.Start(execution);
        _livelocks.Begin();
        IsCutOff = false;
        _progress = 0;
        if (_schedule.Length < nextLook)
            Array.Resize(ref _schedule, nextLook);

        Span<Transition> schedule = _schedule.AsSpan(0, nextLook);
        IUniformStrategy? uniform = CellWalk.IsFast ? strategy as IUniformStrategy : null;
        CellStop stop = uniform is not null
            ? _walk!.Run(ref uniform.Random, schedule, out _steps)
            : _pointWalk!.Run(strategy, schedule, out _steps);
        int last = _steps == 0 ? -1 : _schedule[_steps - 1].Subject;
        if (stop == CellStop.End)
        {
            Cells!.Conclude(last);
            _isInCells = machine.Finding is null;
            return;
        }

        Cells!.Place(last);
        if (stop == CellStop.Stopped)
            return;

        if (stop == CellStop.Unknown)
        {
            Transition next = uniform is not null ? _walk!.Next : _pointWalk!.Next;
            _schedule[_steps++] = next;
            machine.Perform(next);
        }

        if (GoOn(strategy, nextLook))
            machine.Conclude();
    }

    /// <summary>
    /// Follows a schedule as far as that is possible, and judges nothing; false if something of it is left.
    /// </summary>
    public bool Follow(ReplayStrategy schedule)
    {
        ArgumentNullException.ThrowIfNull(schedule);
        Go(schedule, execution: 1, nextLook: -1);
        return schedule.IsOver;
    }

    /// <summary>True if nothing is enabled any more.</summary>
    private bool Go(SearchStrategy strategy, long execution, int nextLook)
    {
        strategy.Start(execution);
        machine.Reset();
        _livelocks.Begin();
        _steps = 0;
        IsCutOff = false;
        _progress = 0;
        foreach (IExecutionObserver observer in observers)
            observer.OnBegin(machine);

        _isInCells = false;
        return GoOn(strategy, nextLook);
    }

    private bool GoOn(SearchStrategy strategy, int nextLook)
    {
        bool isWatched = observers.Length > 0;
        var uniform = strategy as IUniformStrategy;
        bool isAlone = !isWatched && uniform is not null; // Nobody is asked who could step another machine.
        IUniformStrategy? foreseen = machine.Prepares ? uniform : null;
        bool counts = machine.CountsEnabled || (machine.CanCountEnabled && isAlone);
        machine.MakeCurrent();
        while (machine.Finding is null)
        {
            var point = SchedulingPoint.Of(machine, _steps, counts);
            if (point.Count == 0)
                return true;

            if (_steps == nextLook)
            {
                if (IsOver(ref nextLook))
                    return false;

                // Looking may have run the machine to where it is a second time.
                machine.MakeCurrent();
                point = SchedulingPoint.Of(machine, _steps, counts);
            }

            int index = strategy.Choose(point);
            if (index == SearchStrategy.Stop)
                return false;

            if ((uint)index >= (uint)point.Count)
                throw NotThere(strategy, index, point.Count);

            Transition choice = point[index];
            if (_steps == _schedule.Length)
                Array.Resize(ref _schedule, _steps * 2);

            if (isWatched)
                Tell(point, choice);

            _schedule[_steps++] = choice;
            if (foreseen is not null)
                Prepare(foreseen.Random, choice);

            if (!isAlone)
                machine.MakeCurrent();

            machine.PerformHere(choice);
            if (isWatched)
                TellPerformed(choice);
        }

        return false;
    }

    // Of a copy, so that what is drawn here is drawn again.
    private void Prepare(Pcg32 random, Transition choice) => machine.Prepare(choice, random.NextUInt32());

    private void Tell(in SchedulingPoint point, Transition choice)
    {
        foreach (IExecutionObserver observer in observers)
            observer.OnChosen(point, choice);
    }

    private void TellPerformed(Transition choice)
    {
        foreach (IExecutionObserver observer in observers)
            observer.OnPerformed(machine, _steps - 1, choice);
    }

    internal static UsageException NotThere(SearchStrategy strategy, int index, int count) =>
        new($"the strategy '{strategy.Name}' picks {index}, but there are 0 to {count - 1}");

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
            nextLook = Math.Min(stepsMax, _steps + _livelocks.Patience);
            return false;
        }

        nextLook = _steps + 1;
        return _livelocks.Look(ref _schedule, ref _steps);
    }
}
