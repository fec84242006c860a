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
    private const int LooksMax = 1_000_000; // Longer than a holder waits for a processor.

    private int _claimed; // By a task, its number plus 1.
    private int _lock;
    private int _visits; // So far: each has a number of its own, or a holder might stand still for the one before.
    private int _visit; // 0 if nobody asks.
    private int _stands; // The visit for which the holder stands still.

    /// <summary>Somebody wants to come in between.</summary>
    internal bool IsAsked => Volatile.Read(ref _visit) != 0;

    /// <summary>The running task is between two steps: it stands still while somebody visits its lock.</summary>
    internal void Stand(int task)
    {
        int visit = Volatile.Read(ref _visit);
        if (visit == 0 || Volatile.Read(ref words[Volatile.Read(ref _lock)]) != task + 1)
            return;

        Volatile.Write(ref _stands, visit);
        var spin = new SpinWait();
        while (Volatile.Read(ref _visit) == visit)
            spin.SpinOnce(sleep1Threshold: -1);
    }

    /// <summary>Comes in between.</summary>
    internal Visit Enter(int task, int spinLock)
    {
        var spin = new SpinWait();
        int visit = 0;
        for (int i = 0; i < LooksMax; i++)
        {
            if (Interlocked.CompareExchange(ref words[spinLock], task + 1, 0) == 0)
                return Visit.Locks;

            if (visit != 0 && Volatile.Read(ref _stands) == visit)
                return Visit.IsLetIn;

            if (visit == 0)
                visit = TryAsk(task, spinLock);

            spin.SpinOnce(sleep1Threshold: -1);
        }

        return Visit.Intrudes;
    }

    /// <summary>Has been there.</summary>
    internal void Leave(int task, int spinLock, Visit visit)
    {
        if (visit == Visit.Locks)
            Volatile.Write(ref words[spinLock], 0);

        if (Volatile.Read(ref _claimed) != task + 1)
            return;

        Volatile.Write(ref _visit, 0);
        Volatile.Write(ref _claimed, 0);
    }

    // The number of the visit; 0 if somebody else is at it.
    private int TryAsk(int task, int spinLock)
    {
        if (Interlocked.CompareExchange(ref _claimed, task + 1, 0) != 0)
            return 0;

        int visit = ++_visits;
        Volatile.Write(ref _lock, spinLock);
        Interlocked.Exchange(ref _visit, visit);
        return visit;
    }
}

/// <summary>How somebody comes to what a lock guards without the lock.</summary>
internal enum Visit
{
    /// <summary>Nobody held the lock, and nobody can take it meanwhile.</summary>
    Locks,

    /// <summary>Whoever holds it stands still between two steps.</summary>
    IsLetIn,

    /// <summary>At any moment.</summary>
    Intrudes,
}
