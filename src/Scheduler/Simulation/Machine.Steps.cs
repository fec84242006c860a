using System.Runtime.ExceptionServices;
using Kmaplab.Scheduler.Coroutines;
using Kmaplab.Scheduler.Detection;
using Kmaplab.Scheduler.Kernel;

namespace Kmaplab.Scheduler.Simulation;

/// <content>The life of a context: it begins, performs one step after the other, and ends.</content>
public sealed partial class Machine
{
    private int EnabledSteps()
    {
        // The hottest loop of an exploration: IsReady for every task, with each task's words looked up once.
        int count = 0;
        int[] memory = Memory;
        Transition[] enabled = _enabled;
        for (int context = 0; context < Tasks.Count; context++)
        {
            TaskWords task = TaskTable.WordsOf(memory, context);
            int isRunnable = task.Status == ContextStatus.Runnable ? 1 : 0;
            int isAcquire = task.Operation == OperationKind.Acquire ? 1 : 0;
            int isTaken = memory[task.Target * isAcquire] != 0 ? 1 : 0;

            // Nobody can guess which tasks are ready, so no branch asks.
            enabled[count] = Transition.Step(context);
            count += isRunnable & ~(isAcquire & isTaken);
            if (task.Operation >= OperationKind.Await && isRunnable != 0)
                count = JudgeLast(context, task.Operation, count);
        }

        return count;
    }

    /// <summary>
    /// The second argument of a <see cref="OperationKind.Choose"/> by which a task begins another round, or ends.
    /// </summary>
    internal const int ChoiceOfRound = 1;

    /// <summary>Whether a context stands before the choice of another round.</summary>
    public bool IsBeforeRound(int context) =>
        Tasks.Operation(context) == OperationKind.Choose && Tasks.SecondArgument(context) == ChoiceOfRound;

    /// <summary>
    /// Keeps the step that was listed last, takes it back, or puts the outcomes of a choice into its place.
    /// </summary>
    private int JudgeLast(int context, OperationKind kind, int count)
    {
        if (kind == OperationKind.Choose)
            return AddOutcomes(context, count - 1);

        return IsReadyToGoOn(context, kind) ? count : count - 1;
    }

    private int AddOutcomes(int context, int count)
    {
        int outcomes = Tasks.Argument(context);
        for (int outcome = 0; outcome < outcomes; outcome++)
            _enabled[count++] = Transition.Choose(context, outcome);

        return count;
    }

    private void StepContext(int context, int outcome = 0)
    {
        _current = context;
        _loopTurns = 0;
        _isAnnounced = false;
        TaskWords task = TaskTable.WordsOf(Memory, context);
        OperationKind kind = task.Operation;
        _isCommitted = kind is not (OperationKind.Acquire or OperationKind.Resume);
        if (_isWatched is not null)
            ForgetPlainAccesses(context);

        if (kind == OperationKind.Schedule && GoesToSleep(context))
            return;

        if (kind >= OperationKind.ArmLock && StopsHalfway(context, kind))
            return;

        _hasReleased = kind == OperationKind.Choose; // A search may put choices first, so nothing else may be seen in their steps.
        KernelStack stack = _stacks[context];
        if (kind == OperationKind.Choose && task.SecondArgument == ChoiceOfRound)
            Progress++;

        if (_fusionWatch is not null)
            _fusionWatch.IsStepping = true;

        stack.ReturnRegister = kind == OperationKind.Choose ? outcome : Execute(kind, context, task.Target, task.Argument, task.SecondArgument);
        Observer?.OnOperation(context, new PerformedOperation(kind, task.Target, task.Argument, task.SecondArgument, stack.ReturnRegister));
        _isStepping = true;
        _calls++;
        stack.ResumeHere();
        _calls++;
        _isStepping = false;
        _fusionWatch?.EndStep();
        if (stack.IsDone)
            End(context);
        else if (!_isAnnounced)
            throw AwaitedAgain();
    }

    /// <summary>Calls a context's function, up to its first operation.</summary>
    private void Begin(int context, Func<KernelTask> body)
    {
        _current = context;
        _loopTurns = 0;
        _isAnnounced = false;
        _isCommitted = true;
        _hasReleased = true;
        _isBeginning = true; // Nothing is fused here: there is no step that it could be part of.
        KernelStack stack = _stacks[context];
        if (_fusionWatch is not null)
            _fusionWatch.IsStepping = true;

        _isStepping = true;
        _calls++;
        stack.Start(body);
        _calls++;
        _isStepping = false;
        _isBeginning = false;
        _fusionWatch?.EndStep();
        if (stack.IsDone)
            End(context);
        else if (!_isAnnounced)
            throw AwaitedAgain();
    }

    private void End(int context)
    {
        if (_isAnnounced && _stacks[context].Exception is null)
            throw NotAwaited("ends");

        Tasks.Announce(context, OperationKind.None, 0, 0, 0);
        if (_isWatched is not null)
            SettlePlainAccesses();

        if (_stacks[context].Exception is { } exception)
        {
            // A dead task keeps its CPU and its locks, as after an oops with panic_on_oops off.
            Tasks.SetStatus(context, ContextStatus.Dead);
            Progress++;
            ReportDeath(context, exception);
            return;
        }

        foreach (Detector detector in _onExit)
            detector.OnExit(new MachineView(this), context);

        if (context >= Tasks.Count)
        {
            // Whoever was interrupted goes on after it, and everybody else could have come before it ended.
            if (_isWatched is not null)
                ForgetPlainAccesses(context);

            ReturnFromInterrupt(context);
            return;
        }

        Progress++;
        Tasks.SetStatus(context, ContextStatus.Finished);
        LeaveCpu(context);
        Tasks.ForgetHeld(context);
    }

    private void ReportDeath(int context, Exception exception)
    {
        switch (exception)
        {
            case UsageException:
                throw new UsageException($"{NameOf(context)} calls {exception.Message}");
            case OutOfMemoryException:
                ExceptionDispatchInfo.Throw(exception); // Not the kernel's memory: this process's.
                break;
            case KernelBugException:
                break; // Reported where it happened, with the call chain.
            case KernelLivelockException:
                Report(FailureClass.Livelock, $"{exception.Message}, in {NameOf(context)}");
                break;
            case KernelMisuseException:
                throw InContext(context, exception);
            case FileNotFoundException or FileLoadException or BadImageFormatException or TypeLoadException or MissingMemberException:
                throw InContext(context, new KernelMisuseException($"it needs what is not there: {Finding.FirstLineOf(exception.Message)}"));
            case ArgumentOutOfRangeException or IndexOutOfRangeException or ArithmeticException or NullReferenceException:
                Report(FailureClass.BugOn, $"Oops in {NameOf(context)}: {exception.Message}{In(context, exception)}");
                break;
            default:
                Report(FailureClass.BugOn, $"{exception.GetType().Name} in {NameOf(context)}: {exception.Message}{In(context, exception)}");
                break;
        }
    }

    // Whoever has written the module looks for its class and method.
    private KernelMisuseException InContext(int context, Exception misuse)
    {
        if (misuse.Message.StartsWith(NameOf(context), StringComparison.Ordinal))
            return new KernelMisuseException(misuse.Message);

        string where = KernelCallChain.MethodOf(misuse) is { } method ? $", in {method}" : "";
        return new KernelMisuseException($"{NameOf(context)} ({NameAtSpawn(context)}){where}: {misuse.Message}");
    }

    private string In(int context, Exception exception) =>
        KernelCallChain.OfException(exception, NameAtSpawn(context)) is { Count: > 0 } chain ? $"\n  in {string.Join(" <- ", chain)}" : "";
}
