using System.Threading;

namespace Kmaplab.Scheduler.Threads.Tasks;

/// <summary>
/// Lets a task that touches what a lock guards, without the lock, come between two steps of whoever holds it.
/// </summary>
/// <remarks>
/// What a task does from one primitive to the next is one step of the simulated machine, which has no place within. So
/// the visitor takes the lock for a moment if it is free; else it asks the holder to stand still in front of its next
/// primitive. A holder that sleeps, against the rules, does not come by: the visitor waits for a while only, and what
/// it sees then may be what no order of steps shows. One visits at a time.
/// </remarks>
internal sealed unsafe class StepVisits(int* words)
{
    private const int LooksMax = 5000;

    private int _claimed;
    private int _lock;
    private int _visitor; // A task's number, plus 1; 0 if there is none.
    private int _stands; // The visitor for whom the holder stands still.

    /// <summary>Somebody wants to come in between.</summary>
    internal bool IsAsked => Volatile.Read(ref _visitor) != 0;

    /// <summary>The running task is between two steps: it stands still while somebody visits its lock.</summary>
    internal void Stand(int task)
    {
        int visitor = Volatile.Read(ref _visitor);
        if (visitor == 0 || visitor == task + 1 || Volatile.Read(ref words[Volatile.Read(ref _lock)]) != task + 1)
            return;

        Volatile.Write(ref _stands, visitor);
        var spin = new SpinWait();
        while (Volatile.Read(ref _visitor) == visitor)
            spin.SpinOnce(sleep1Threshold: -1);
    }

    /// <summary>Comes in between; yields whether the lock was taken for that.</summary>
    internal bool Enter(int task, int spinLock)
    {
        var spin = new SpinWait();
        bool isAsking = false;
        for (int i = 0; i < LooksMax; i++)
        {
            if (Interlocked.CompareExchange(ref words[spinLock], task + 1, 0) == 0)
                return true;

            if (isAsking && Volatile.Read(ref _stands) == task + 1)
                return false;

            isAsking = isAsking || TryAsk(task, spinLock);
            spin.SpinOnce(sleep1Threshold: -1);
        }

        return false;
    }

    /// <summary>Has been there.</summary>
    internal void Leave(int task, int spinLock, bool hasTaken)
    {
        if (hasTaken)
            Volatile.Write(ref words[spinLock], 0);

        if (Volatile.Read(ref _visitor) != task + 1)
            return;

        Volatile.Write(ref _visitor, 0);
        Volatile.Write(ref _claimed, 0);
    }

    private bool TryAsk(int task, int spinLock)
    {
        if (Interlocked.CompareExchange(ref _claimed, 1, 0) != 0)
            return false;

        Volatile.Write(ref _lock, spinLock);
        Volatile.Write(ref _stands, 0);
        Interlocked.Exchange(ref _visitor, task + 1);
        return true;
    }
}
