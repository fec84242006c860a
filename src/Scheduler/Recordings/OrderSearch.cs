using Kmaplab.Scheduler.Simulation;
using Kmaplab.Scheduler.Threads.Orders;

namespace Kmaplab.Scheduler.Recordings;

/// <summary>
/// Looks, from some moment of a replay on, for an order of steps in which each yields what it has yielded on threads.
/// </summary>
/// <remarks>
/// What code accesses without a lock is in no record, so several orders may follow from what was recorded, and only
/// some of them are what happened. They are tried depth first, that of the recording first, so what is nearest to where
/// it went wrong is changed first. A state that was reached before, with the same steps done, is not tried again.
/// </remarks>
/// <param name="machine">The machine.</param>
/// <param name="follower">Does the steps.</param>
/// <param name="order">What may come next.</param>
/// <param name="isEnd">
/// Whether the end, once nothing is left or the last step of whoever found something is done, is the recorded one.
/// </param>
internal sealed class OrderSearch(
    Machine machine, StepFollower follower, StepOrder order, Func<bool> isEnd)
{
    private const int TrialsMax = 60_000; // Of one place.

    /// <summary>Steps that were tried.</summary>
    internal int Trials { get; private set; }

    /// <summary>Whether so many steps can be done; if so the machine stands behind them.</summary>
    internal bool Reach(ReplayMark from, int goal)
    {
        var seen = new HashSet<(UInt128 State, UInt128 Steps)>();
        var nodes = new Stack<(ReplayMark Mark, Queue<RecordedStep> Left)>();
        from.Restore(follower, order);
        nodes.Push((from, new Queue<RecordedStep>(order.Candidates())));
        for (int trials = 0; nodes.TryPeek(out var node);)
        {
            if (!node.Left.TryDequeue(out RecordedStep next))
            {
                nodes.Pop();
                continue;
            }

            if (trials++ == TrialsMax)
                return false;

            Trials++;
            node.Mark.Restore(follower, order);
            if (follower.Follow(next) is not null)
                continue;

            order.Do(next.Task);
            if (order.IsOver || order.HasFound)
            {
                if (isEnd())
                    return true;

                continue;
            }

            follower.NoteEarlierFinding(order.Done);
            if (order.Done >= goal)
                return true;

            if (seen.Add((machine.StateHash(), order.Hash())))
                nodes.Push((ReplayMark.Of(follower, order), new Queue<RecordedStep>(order.Candidates())));
        }

        return false;
    }
}

/// <summary>A moment of a replay, to come back to.</summary>
internal sealed record ReplayMark(StepFollowerMark Follower, StepOrderMark Order)
{
    internal static ReplayMark Of(StepFollower follower, StepOrder order) => new(follower.Mark(), order.Mark());

    internal void Restore(StepFollower follower, StepOrder order)
    {
        follower.Restore(Follower);
        order.Restore(Order);
    }
}
