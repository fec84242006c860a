using Kmaplab.Scheduler.Detection;
using Kmaplab.Scheduler.Kernel;
using Kmaplab.Scheduler.Scenarios;
using Kmaplab.Scheduler.Simulation;
using Kmaplab.Scheduler.Simulation.Hardware;
using Kmaplab.Scheduler.Simulation.Operations;
using Microsoft.Coyote.Runtime;
using Microsoft.Coyote.Specifications;
using CoyoteOperation = Microsoft.Coyote.Runtime.Operation;
using ThreadInterruptedException = System.Threading.ThreadInterruptedException;

namespace Kmaplab.CoyoteTests.Kernel;

/// <summary>A machine whose tasks are Coyote's: it says who may go on, and Coyote chooses among them.</summary>
/// <remarks>
/// A task stands in front of each operation, as on the simulated machine: it says what it is about to do, waits until
/// that is possible and Coyote picks it, and then runs to its next operation alone. So one pick is one step there, and
/// the list of picks is a schedule of the simulated machine.
/// </remarks>
internal sealed partial class CoyoteMachine
{
    // What the segment register is to a CPU: kernel code has no other way to find its machine.
    [ThreadStatic]
    private static CoyoteMachine? t_current;

    private static readonly CoyoteTask s_nobody = new(-1, () => default); // Boots, and checks at the end.

    private readonly CoyoteLayout _parts = new();
    private readonly CoyoteProbe _probe;
    private readonly List<Transition> _schedule = [];
    private int[] _image = [];
    private CoyoteTask _running = s_nobody;
    private int _started;

    private CoyoteMachine(MachineOptions options)
    {
        Options = options;
        _probe = new CoyoteProbe(_parts, Report);
        Locks = new CoyoteLockTable(this, _parts.Locks);
    }

    /// <summary>How the machine is built.</summary>
    public MachineOptions Options { get; }

    /// <summary>The machine that runs on this thread.</summary>
    public static CoyoteMachine Current => t_current!;

    /// <summary>The task that runs: all others stand.</summary>
    public CoyoteTask CurrentTask => _running;

    /// <summary>The page table, the TLBs and the page frames.</summary>
    public CoyoteMmu Mmu => _parts.Mmu;

    /// <summary>The spin locks.</summary>
    public CoyoteLockTable Locks { get; }

    /// <summary>What is wrong with the latest execution; null if nothing.</summary>
    public Finding? Finding { get; private set; }

    /// <summary>
    /// A mistake of this machine, or a schedule that it cannot follow, which ended the latest execution.
    /// </summary>
    public Exception? Crash { get; private set; }

    /// <summary>The steps of the latest execution, as the simulated machine would make them.</summary>
    public IReadOnlyList<Transition> Recorded => _schedule;

    /// <summary>Steps of all executions.</summary>
    public long Steps { get; private set; }

    /// <summary>
    /// Boots a scenario, once: every execution starts from the memory that it left. Throws
    /// <see cref="NotSupportedException"/> for one that Coyote cannot express.
    /// </summary>
    public static CoyoteMachine Boot(Scenario<CoyoteKernel> scenario, ScenarioSize size, MachineOptions options)
    {
        if (options.Cpus != 0)
        {
            throw new NotSupportedException(
                $"{options.Cpus} CPUs for {scenario.Tasks(size)} tasks: Coyote knows tasks but no CPUs that they "
                + "could share, so every task has one; leave the number of CPUs at 0");
        }

        if (options.Shootdown)
            throw new NotSupportedException(
                "TLB shootdown: Coyote knows no CPU that could be interrupted, so here all TLBs are flushed at once");

        var machine = new CoyoteMachine(options);
        t_current = machine;
        machine._running = s_nobody;
        try
        {
            scenario.Boot(machine._parts, size);
        }
        finally
        {
            t_current = null;
        }

        machine._image = [.. machine._parts.Words];
        return machine;
    }

    /// <summary>Runs one execution, under Coyote.</summary>
    public async Task Run()
    {
        Reset();
        var running = new Task[_parts.Tasks.Count];
        for (int i = 0; i < running.Length; i++)
        {
            CoyoteTask task = _parts.Tasks[i];
            running[i] = Task.Run(() => RunTask(task));
        }

        await Task.WhenAll(running); // An array: Coyote does not control the overload that takes a span.
    }

    /// <summary>
    /// A scheduling point: the running task waits here until <paramref name="isPossible"/> holds and Coyote picks it.
    /// </summary>
    public void StandBefore(OperationKind kind, Func<bool>? isPossible = null)
    {
        CoyoteTask task = _running;
        task.Announce(kind, isPossible);
        NoteStart(task);
        Settle();
        if (MayRun(task))
            SchedulingPoint.Interleave();

        WaitUntilPicked(task);
        task.LoopTurns = 0;
        if (_probe.Task is null)
        {
            Steps++;
            _schedule.Add(Transition.Step(task.Number));
        }
    }

    /// <summary>A choice of the running task: Coyote's own, or what the schedule says.</summary>
    public int Choose(int outcomes)
    {
        StandBefore(OperationKind.Choose);
        if (_probe.Task is not null)
            return 0;

        int step = _schedule.Count - 1;
        int outcome = Prescription is null
            ? Microsoft.Coyote.Random.Generator.Create().NextInteger(outcomes)
            : Prescription[step].Argument;
        _schedule[step] = Transition.Choose(_running.Number, outcome);
        return outcome;
    }

    /// <summary>Ends the execution, and with it all of Coyote's.</summary>
    public void Report(FailureClass failure, string message)
    {
        Finding = new Finding(failure, message);
        Specification.Assert(false, "{0}: {1}", failure.Name(), message);
    }

    private void Reset()
    {
        _image.CopyTo(_parts.Words, 0);
        _schedule.Clear();
        _started = 0;
        _probe.Reset();
        Finding = null;
        Crash = null;
        Mmu.Reset(_parts.Tasks.Count);
        _parts.Locks.ForEach(spinLock => spinLock.Owner = null);
        _parts.Queues.ForEach(queue => queue.Clear());
        _parts.Tasks.ForEach(task => task.Reset());
    }

    private void RunTask(CoyoteTask task)
    {
        t_current = this;
        try
        {
            // Tasks come to their first operation one after the other, so that nobody can choose how.
            WaitUntil(() => _started == task.Number);
            _running = task;
            task.Body();
            task.HasEnded = true;
            NoteStart(task);
            Settle();
        }
        catch (KernelLivelockException exception)
        {
            Report(FailureClass.Livelock, $"{exception.Message}, in {task}");
        }
        catch (Exception exception) when (IsOops(exception))
        {
            Report(FailureClass.BugOn, $"Oops in {task}: {exception.Message}");
        }
        catch (Exception exception) when (IsCrash(exception))
        {
            Specification.Assert(false, "{0}", exception);
        }
        finally
        {
            t_current = null;
        }
    }

    private static bool IsOops(Exception exception) =>
        exception
            is ArgumentOutOfRangeException
                or IndexOutOfRangeException
                or ArithmeticException
                or NullReferenceException;

    // Once something is found Coyote ends the other tasks by exceptions of its own.
    private bool IsCrash(Exception exception)
    {
        if (Finding is not null || Crash is not null || exception is ThreadInterruptedException)
            return false;

        Crash = exception;
        return true;
    }

    private void NoteStart(CoyoteTask task)
    {
        if (task.HasStarted)
            return;

        task.HasStarted = true;
        _started++;
    }

    private void WaitUntilPicked(CoyoteTask task)
    {
        WaitUntil(task.MayRun ??= () => MayRun(task));
        _running = task;
    }

    private static void WaitUntil(Func<bool> condition)
    {
        while (!condition())
            CoyoteOperation.PauseUntil(condition);
    }

    private bool MayRun(CoyoteTask task) =>
        _started == _parts.Tasks.Count && task.IsReady && (_probe.Task is null ? IsPrescribed(task) : _probe.Task == task);
}
