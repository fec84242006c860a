using Kmaplab.Scheduler.Detection;
using Kmaplab.Scheduler.Simulation.Hardware;

namespace Kmaplab.Stress.Conformance.Replay;

/// <summary>Drives the port step by step, and says in a trace's terms what each step did.</summary>
public sealed class TableReplay
{
    private readonly TableMachine _machine;
    private readonly StateReader _states;
    private readonly TraceConfig _config;
    private readonly OpenUses _uses;
    private readonly int[] _performed; // How far each task is in its program.
    private int _steps;

    /// <summary>Boots a port as <paramref name="config"/> says.</summary>
    public TableReplay(TraceConfig config, PortFactory makePort)
    {
        ArgumentNullException.ThrowIfNull(config);
        SupportedConfig.Require(config);
        _config = config;
        _machine = new TableMachine(config, makePort);
        _states = new StateReader(config, _machine);
        _uses = new OpenUses(config);
        _performed = new int[config.Table!.TaskCount];
        State = _states.Read();
    }

    /// <summary>The state after the last step.</summary>
    public TraceState State { get; private set; }

    /// <summary>Takes the step that a recorded one asks for.</summary>
    public TraceStep Take(TraceStep recorded)
    {
        ArgumentNullException.ThrowIfNull(recorded);
        if (_config.IsFine)
            return Move(recorded.Task!.Value);

        return recorded.Op switch
        {
            TraceOp.Poke => Poke(recorded.Poke!.Value),
            TraceOp.Resume => Resume(recorded.Task!.Value),
            _ => Operate(
                recorded.Task!.Value,
                new(recorded.Op, recorded.Page!.Value, recorded.Value ?? 0, recorded.Irq)),
        };
    }

    /// <summary>An idle task performs an operation, until it ends or the task sleeps.</summary>
    public TraceStep Operate(int task, Operation operation)
    {
        RequireCondition(task, TaskCondition.Idle, "start an operation");
        _machine.Tasks[task].Command(operation);
        return RunOn(task, operation.Op);
    }

    /// <summary>A woken task goes on from its sleep, until its operation ends or it sleeps again.</summary>
    public TraceStep Resume(int task)
    {
        RequireCondition(task, TaskCondition.Ready, "resume");
        return RunOn(task, TraceOp.Resume);
    }

    /// <summary>A task moves to its next yield point; an idle one starts the next operation of its program.</summary>
    public TraceStep Move(int task)
    {
        if (_machine.Condition(task) is TaskCondition.Dead or TaskCondition.Asleep)
            throw Impossible(task, "be stepped");

        YieldLabel did = Begin(task) ? YieldLabel.Begin : _machine.Spins(task) ? YieldLabel.Spin : _machine.Label(task);
        _machine.Observer.Clear();
        if (did != YieldLabel.Spin)
            Perform(task);

        return Outcome(task, _machine.Tasks[task].Operation.Op, did);
    }

    /// <summary>A cell of the table is overwritten.</summary>
    public TraceStep Poke(Poke poke)
    {
        int limit = poke.What == PokeTarget.LastPkmapNr ? int.MaxValue : _config.LastPkmap;
        if (poke.Index >= limit || (poke.What == PokeTarget.PageTable && poke.Value >= _config.PageCount))
            throw new ReplayException($"there is no cell {poke.Index} to poke {poke.Value} into");

        switch (poke.What)
        {
            case PokeTarget.PkmapCount:
                _machine.Port.View.PokeCount(poke.Index, poke.Value);
                break;
            case PokeTarget.PageTable:
                _machine.Port.View.PokeEntry(poke.Index, new Allocator.Page(poke.Value));
                break;
            default:
                _machine.Port.View.PokeCursor(poke.Value);
                break;
        }

        _machine.Observer.Clear();
        return new TraceStep
        {
            Number = ++_steps,
            Op = TraceOp.Poke,
            Poke = poke,
            Blocked = false,
            Woken = default,
            State = Read(),
        };
    }

    /// <summary>
    /// How it ends here: as <paramref name="recorded"/> says if that is true, otherwise as it really is.
    /// </summary>
    public TraceEnd End(TraceEnd? recorded) =>
        new TableEnd(_config, State, _uses, _performed, WantedPage).Describe(_steps, recorded);

    private int WantedPage(int task) => _machine.Tasks[task].Operation.Page;

    private TraceStep RunOn(int task, TraceOp op)
    {
        _machine.Observer.Clear();
        do
        {
            Perform(task);
        }
        while (_machine.Condition(task) is TaskCondition.Ready or TaskCondition.Prep && !_machine.Spins(task));

        return Outcome(task, op, did: null);
    }

    private bool Begin(int task)
    {
        if (!_machine.Tasks[task].IsIdle)
            return false;

        ValueArray<ProgramOp> program = _config.Table!.Fine!.Programs[task];
        if (_performed[task] == program.Count)
            throw new ReplayException($"task {task} has ended its program and cannot be stepped");

        ProgramOp next = program[_performed[task]++];
        _machine.Tasks[task].Command(new Operation(next.Op, next.Page));
        return true;
    }

    private void Perform(int task)
    {
        _machine.Machine.ForgetFinding(); // What a detector would say is not compared; only the end of a task is.
        _machine.Machine.Perform(Transition.Step(task));
    }

    private TraceStep Outcome(int task, TraceOp op, YieldLabel? did)
    {
        CommandedTask commanded = _machine.Tasks[task];
        Operation operation = commanded.Operation;
        TraceState state = Read();
        TaskCondition now = state.Tasks[task];
        bool done = now == TaskCondition.Idle;
        if (done)
            _uses.Ended(task, operation);

        return new TraceStep
        {
            Number = ++_steps,
            Task = task,
            Move = did is { } label ? new FineMove(label, Next(task, now)) : null,
            Op = op,
            Page = operation.Page,
            Value = op == TraceOp.SetPageAddress ? operation.Value : null,
            Vaddr = done && operation.HasResult ? commanded.Result : null,
            Blocked = now == TaskCondition.Asleep,
            Woken = [.. _machine.Observer.Woken],
            Bug = BugOf(_machine.Observer),
            Irq = op == TraceOp.Kunmap && operation.Irq,
            Spinning = did is null && now is TaskCondition.Ready or TaskCondition.Prep,
            Livelock = now == TaskCondition.Dead && _machine.Machine.Finding?.Class == FailureClass.Livelock,
            State = state,
        };
    }

    private YieldLabel Next(int task, TaskCondition now) => now switch
    {
        TaskCondition.Idle => YieldLabel.Done,
        TaskCondition.Asleep => YieldLabel.Asleep,
        TaskCondition.Dead => YieldLabel.Done,
        _ => _machine.Label(task),
    };

    internal static BugCode? BugOf(ReplayObserver observer)
    {
        if (observer.Bug is not { } code)
            return null;

        return Words<BugCode>.TryParse(code, out BugCode bug)
            ? bug
            : throw new InvalidOperationException($"the port fails the check '{code}', which traces have no code for");
    }

    private TraceState Read() => State = _states.Read();

    private void RequireCondition(int task, TaskCondition condition, string what)
    {
        if (_machine.Condition(task) != condition)
            throw Impossible(task, what);
    }

    private ReplayException Impossible(int task, string what) =>
        new($"task {task} is '{Words<TaskCondition>.Of(_machine.Condition(task))}' and cannot {what}");
}
