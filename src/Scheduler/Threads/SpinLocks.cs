using System.Runtime.CompilerServices;
using System.Threading;
using Kmaplab.Scheduler.Detection;
using Kmaplab.Scheduler.Kernel;
using Kmaplab.Scheduler.Kernel.Rules;
using Kmaplab.Scheduler.Simulation.Operations;
using Kmaplab.Scheduler.Threads.Tasks;

namespace Kmaplab.Scheduler.Threads;

/// <summary>
/// spin_lock and its variants on threads: test, and test-and-set, on one word, which is its holder's number + 1.
/// </summary>
/// <remarks>
/// Who finds it taken looks at it, with longer and longer pauses, and gives its processor up in between: the holder may
/// be waiting for one. In bare mode a lock that was free says only that somebody holds it.
/// <para>
/// What a task does behind spin_unlock() without another primitive is the same step of the simulated machine, which
/// nobody can come between. So a recorded task says that it has released a lock, but gives it to others only at the
/// end of that step.
/// </para>
/// </remarks>
internal sealed unsafe class SpinLocks(ThreadMachine machine)
{
    /// <summary>What a lock's word is in bare mode if nobody had to spin for it.</summary>
    internal const int Somebody = -1;

    private readonly List<(string Name, int Word)> _locks = [];

    /// <summary>Lays out a lock, on a line of its own.</summary>
    internal int Add(string name, int word)
    {
        _locks.Add((name, word));
        return word;
    }

    /// <summary>The locks that a task holds, by name.</summary>
    internal IEnumerable<string> HeldBy(int task) =>
        _locks.Where(each => Holder(each.Word) == task).Select(each => each.Name);

    /// <summary>The task that holds a lock; -1 if nobody does, or nobody knows who.</summary>
    internal int Holder(int spinLock)
    {
        int holder = Math.Max(Volatile.Read(ref machine.Words[spinLock]), 0) - 1;
        return holder >= 0 && machine.Tasks[holder].Record.Released == spinLock + 1 ? -1 : holder;
    }

    /// <summary>Whether the running task holds a lock, and has not released it.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal bool IsHeldBy(ThreadTask? running, int spinLock) =>
        running is not null
        && machine.Words[spinLock] == running.Number + 1
        && running.Record.Released != spinLock + 1;

    /// <summary>spin_is_locked.</summary>
    internal bool IsTaken(int spinLock) =>
        Volatile.Read(ref machine.Words[spinLock]) != 0 && ThreadTask.t_current?.Record.Released != spinLock + 1;

    /// <summary>The running task's step is over: what it has released in it, others may take.</summary>
    internal void LetGo(ThreadTask running)
    {
        ref TaskRecord record = ref running.Record;
        if (record.Released == 0)
            return;

        ref int word = ref machine.Words[record.Released - 1];
        record.Released = 0;
        Volatile.Write(ref word, 0);
    }

    /// <summary>spin_lock with all checks; yields the interrupt flag as it was.</summary>
    internal int AcquireChecked(int spinLock, LockContext context)
    {
        ThreadTask task = machine.Begin();
        if (machine.Words[spinLock] == task.Number + 1)
        {
            machine.Report(
                FailureClass.LockMisuse,
                $"{machine.NameOf(task.Number)} takes {machine.NameOfWord(spinLock)}, which it holds already: "
                + $"it spins for ever\n  in {machine.RunningChain()}");
        }

        if (Interlocked.CompareExchange(ref machine.Words[spinLock], task.Number + 1, 0) != 0)
            Spin(spinLock);

        machine.Recording?.NoteAcquired(task, OperationKind.Acquire, spinLock);
        return Take(task, context);
    }

    /// <summary>spin_trylock with all checks.</summary>
    internal bool TryAcquireChecked(int spinLock)
    {
        ThreadTask task = machine.Begin();
        if (!Tries(task, spinLock))
            return false;

        machine.Recording?.NoteAcquired(task, OperationKind.TryAcquire, spinLock);
        Take(task, LockContext.Plain);
        return true;
    }

    // A try that fails at a moment of which nobody could say which hold it has met may as well be made again.
    private bool Tries(ThreadTask task, int spinLock)
    {
        while (true)
        {
            int before = machine.Recorder?.VersionOf(spinLock) ?? 0;
            if (Interlocked.CompareExchange(ref machine.Words[spinLock], task.Number + 1, 0) == 0)
                return true;

            if (machine.Recording?.NoteFailedTry(task, spinLock, before) ?? true)
                return false;

            machine.LeaveIfStopping();
        }
    }

    /// <summary>spin_unlock with all checks.</summary>
    internal void ReleaseChecked(int spinLock, LockContext context, int flags)
    {
        ThreadTask task = machine.Begin();
        if (machine.Words[spinLock] != task.Number + 1)
        {
            machine.Report(
                FailureClass.LockMisuse,
                $"{machine.NameOf(task.Number)} releases {machine.NameOfWord(spinLock)}, which {HolderText(spinLock)}"
                + $"\n  in {machine.RunningChain()}");
        }

        ThreadRecorder? recorder = machine.Recording;
        recorder?.NoteReleasing(task, spinLock);
        ref TaskRecord record = ref task.Record;
        record.Locks--;
        record.PreemptCount -= machine.Options.Preempt ? 1 : 0;
        if (context is LockContext.Irq or LockContext.IrqSave)
            record.IrqsDisabled = context == LockContext.IrqSave && flags != 0;
        else if (context == LockContext.BottomHalf)
            record.PreemptCount -= PreemptCount.SoftirqOffset;

        if (recorder is null)
            Volatile.Write(ref machine.Words[spinLock], 0);
        else
            record.Released = spinLock + 1;
    }

    /// <summary>Spins until the lock is the running task's.</summary>
    /// <param name="spinLock">The lock.</param>
    /// <param name="isStep">The task takes it at the beginning of a step.</param>
    internal void Spin(int spinLock, bool isStep = true)
    {
        ThreadTask task = ThreadTask.t_current!;
        ref int word = ref machine.Words[spinLock];
        var spin = new SpinWait();
        bool isTold = false;
        while (Volatile.Read(ref word) != 0 || Interlocked.CompareExchange(ref word, task.Number + 1, 0) != 0)
        {
            // Who has waited so long may have to wait for ever.
            if (spin.NextSpinWillYield && !isTold)
            {
                task.Wait.Begin(WaitKind.Lock, spinLock);
                isTold = true;
            }

            machine.WhileWaiting(task, isStep);
            spin.SpinOnce(sleep1Threshold: -1);
        }

        if (isTold)
            task.Wait.End();
    }

    /// <summary>"nobody holds" or "task 1 holds", for messages.</summary>
    internal string HolderText(int spinLock) => !IsTaken(spinLock)
        ? "nobody holds"
        : Holder(spinLock) is var holder and >= 0 ? $"{machine.NameOf(holder)} holds" : "somebody holds";

    private int Take(ThreadTask task, LockContext context)
    {
        ref TaskRecord record = ref task.Record;
        record.Locks++;
        record.PreemptCount += machine.Options.Preempt ? 1 : 0;
        int flags = record.IrqsDisabled ? 1 : 0;
        if (context is LockContext.Irq or LockContext.IrqSave)
            record.IrqsDisabled = true;
        else if (context == LockContext.BottomHalf)
            record.PreemptCount += PreemptCount.SoftirqOffset;

        return flags;
    }
}
