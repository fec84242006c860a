using System.Runtime.CompilerServices;
using System.Threading;
using Kmaplab.Scheduler.Detection;
using Kmaplab.Scheduler.Kernel;
using Kmaplab.Scheduler.Simulation.Hardware;
using Kmaplab.Scheduler.Simulation.Running;
using Kmaplab.Scheduler.Threads.Tasks;

namespace Kmaplab.Scheduler.Threads;

/// <content>What is looked at while tasks run, and what happens when something is wrong.</content>
public sealed unsafe partial class ThreadMachine : IContextReports
{
    private Finding? _finding;
    private Exception? _crash;

    // Whose code has thrown, told to whoever reports it; each thread has its own.
    [ThreadStatic]
    private static ThreadTask? t_dying;

    /// <summary>No task shall begin another round that it need not begin.</summary>
    internal volatile bool IsEnding;

    /// <summary>The name of a context, for people: "task 1".</summary>
    public string NameOf(int context) => $"task {context}";

    /// <summary>In front of a primitive of the running task, in checked mode.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal ThreadTask Begin()
    {
        ThreadTask task = ThreadTask.t_current!;
        task.Record.LoopTurns = 0;
        if (task.Record.Released != 0)
            Locks.LetGo(task);

        if (!task.Record.HasBegun)
            HasBegun(task);

        LeaveIfStopping();
        if (Options.Jitter)
            Jitter.Disturb(ref task.Record);

        if (Visits.IsAsked)
            Visits.Stand(task.Number);

        return task;
    }

    /// <summary>In front of another round of the running task, which is no primitive.</summary>
    internal void BeginRound()
    {
        if (_isChecked && ThreadTask.t_current is { } task)
        {
            if (task.Record.Released != 0)
                Locks.LetGo(task);

            if (!task.Record.HasBegun)
                HasBegun(task);
        }

        LeaveIfStopping();
    }

    /// <summary>The running task leaves its kernel code, and ends, if the run is over.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal void LeaveIfStopping()
    {
        if (_isStopping)
            throw new RunOverException();
    }

    /// <summary>Who keeps what the running task does; null if nobody does now.</summary>
    internal ThreadRecorder? Recording
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => Recorder is { IsOn: true } recorder ? recorder : null;
    }

    /// <summary>A task that cannot go on looks round.</summary>
    /// <param name="task">The running task.</param>
    /// <param name="isBetween">It is in front of a step, where others may come in between.</param>
    internal void WhileWaiting(ThreadTask task, bool isBetween = true)
    {
        LeaveIfStopping();
        if (isBetween)
            Visits.Stand(task.Number);

        if (_hang.IsAsking && task.Chain is null)
            task.Chain = KernelCallChain.OfThread(task.Name);
    }

    /// <summary>Waits until a word has a value, giving the processor away meanwhile.</summary>
    internal void AwaitWord(int address, int value)
    {
        ThreadTask task = ThreadTask.t_current!;
        if (IsThere(address, value))
            return;

        task.Wait.Begin(WaitKind.Word, address, value);
        var spin = new SpinWait();
        while (!IsThere(address, value))
        {
            WhileWaiting(task);
            spin.SpinOnce();
        }

        task.Wait.End();
    }

    private bool IsThere(int address, int value) =>
        Volatile.Read(ref Words[address]) == value
        && (Recording is not { } recorder
            || (Sleepers.NameOf(address) is null
                ? recorder.Awaits(address, value)
                : Sleepers.Awaits(recorder, address, value)));

    /// <summary>Judges a plain access of a word that a lock, or a <see cref="Protection"/>, guards.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal void CheckAccess(int address, int guard)
    {
        // Nobody but the running task can make this true or false.
        if (guard >= 0 ? !Locks.IsHeldBy(ThreadTask.t_current, guard) : guard == Protection.Marked)
            ReportAccess(address, guard);
    }

    internal void CheckMaySleep(string function)
    {
        ThreadTask task = ThreadTask.t_current!;
        ref TaskRecord record = ref task.Record;
        if (record is { PreemptCount: 0, Locks: 0, IrqsDisabled: false })
            return;

        string interrupts = record.IrqsDisabled ? "interrupts are off, " : "";
        string locks = record.Locks == 0 ? "" : record.Locks == 1 ? "it holds a spin lock, "
            : $"it holds {record.Locks} spin locks, ";
        Report(
            FailureClass.SleepInAtomic,
            $"{NameOf(task.Number)} comes to {function}() although it must not sleep: {interrupts}{locks}"
            + $"preempt_count is {record.PreemptCount:x8}\n  in {RunningChain()}");
    }

    internal void LoopTurn()
    {
        if (ThreadTask.t_current is { } task && ++task.Record.LoopTurns > Options.LoopTurnsMax)
            throw new KernelLivelockException(Options.LoopTurnsMax);
    }

    internal void Bug(string code) => Report(
        FailureClass.BugOn,
        $"kernel BUG at {code} in {NameOf(ThreadTask.t_current?.Number ?? -1)}\n  in {RunningChain()}");

    internal void Fail(FailureClass failure, string message) => Report(
        failure,
        $"{message}, in {NameOf(ThreadTask.t_current?.Number ?? -1)}\n  in {RunningChain()}");

    /// <summary>Records what is wrong, and ends the run; a task does not come back from here.</summary>
    public void Report(FailureClass failure, string message)
    {
        // Who was woken by hand only shows that it can go on.
        if (!_hang.IsProbing
            && Interlocked.CompareExchange(ref _finding, new Finding(failure, message), null) is null)
        {
            Recorder?.Freeze(t_dying?.Number ?? ThreadTask.t_current?.Number ?? -1);
        }

        Stop();
        if (ThreadTask.t_current is not null)
            throw new RunOverException();
    }

    /// <inheritdoc/>
    string IContextReports.NameAtSpawn(int context) => _tasks[context].Name;

    /// <inheritdoc/>
    public string NameOfWord(int address)
    {
        if (Sleepers.NameOf(address) is { } queue)
            return queue;

        foreach ((string name, int start, int length) in _regions)
        {
            if (address >= start && address < start + length)
                return length == 1 ? name : $"{name}[{address - start}]";
        }

        return $"word {address}";
    }

    /// <inheritdoc/>
    public string RunningChain() =>
        string.Join(" <- ", KernelCallChain.OfThread(ThreadTask.t_current?.Name ?? "outside"));

    /// <inheritdoc/>
    string IContextReports.PlaceOf(int context) => string.Join(" <- ", _tasks[context].Chain ?? []);

    private void ReportAccess(int address, int guard)
    {
        if (ThreadTask.t_current is not { } task)
            return; // The scenario boots, or somebody looks from outside.

        string rule = guard >= 0
            ? $" without {NameOfWord(guard)}, which {Locks.HolderText(guard)}"
            : ", of which all accesses must be marked";
        Report(
            FailureClass.DataRace,
            $"{NameOf(task.Number)} accesses {NameOfWord(address)}{rule}\n  in {RunningChain()}");
    }

    /// <summary>Nothing more of the run can be kept.</summary>
    internal void StopFull() => Stop();

    /// <summary>Everybody leaves, wherever they wait.</summary>
    private void Stop()
    {
        Recorder?.Freeze(-1);
        _isStopping = true;
        Interlocked.MemoryBarrier();
        foreach (ThreadTask task in _tasks)
        {
            Interlocked.Exchange(ref Words[task.StateWord], (int)TaskState.Running);
            Sleepers.Prod(task);
        }
    }
}

/// <summary>Takes a task out of its kernel code when the run is over.</summary>
internal sealed class RunOverException : Exception;
