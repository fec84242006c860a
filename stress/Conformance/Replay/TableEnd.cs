namespace Kmaplab.Stress.Conformance.Replay;

/// <summary>Says how a trace with a table ends, from the state it ends in.</summary>
internal sealed class TableEnd(
    TraceConfig config,
    TraceState state,
    OpenUses uses,
    int[] performed,
    Func<int, int> wantedPage)
{
    private int Tasks => config.Table!.TaskCount;

    /// <summary>Why a script stops is its maker's choice; what is claimed about the state is not.</summary>
    public TraceEnd Describe(int steps, TraceEnd? recorded)
    {
        EndReason reason = recorded is not null && Holds(recorded.Reason) ? recorded.Reason : Actual();
        bool isDeadlock = reason == EndReason.Deadlock;
        return new TraceEnd
        {
            Reason = reason,
            Steps = steps,
            LockHolder = reason == EndReason.Stuck && recorded?.LockHolder is not null ? state.Lock : null,
            Waiting = isDeadlock
                ? new ValueArray<Waiter>([.. Sleepers().Select(task => new Waiter(task, wantedPage(task)))])
                : null,
            Graph = isDeadlock && !config.IsFine ? Graph() : null,
        };
    }

    private bool Holds(EndReason reason) => reason switch
    {
        EndReason.Deadlock => IsDeadlock(),
        EndReason.Stuck => IsStuck(),
        EndReason.Bug or EndReason.Livelock => state.Tasks.Contains(TaskCondition.Dead),
        _ => true,
    };

    private EndReason Actual() => IsDeadlock() ? EndReason.Deadlock : IsStuck() ? EndReason.Stuck : EndReason.Ok;

    private bool IsStuck() => state.Lock is { } holder && state.Tasks[holder] == TaskCondition.Dead;

    private bool IsDeadlock() => Sleepers().Any() && Enumerable.Range(0, Tasks).All(task =>
        state.Tasks[task] == TaskCondition.Asleep || (config.IsFine && HasEnded(task)));

    private bool HasEnded(int task) =>
        state.Tasks[task] == TaskCondition.Idle && performed[task] == config.Table!.Fine!.Programs[task].Count;

    private IEnumerable<int> Sleepers() =>
        Enumerable.Range(0, Tasks).Where(task => state.Tasks[task] == TaskCondition.Asleep);

    private DeadlockGraph Graph()
    {
        // Whoever holds any slot could free one, and a sleeper takes whichever comes first: even its own.
        HeldSlot[] slots = [.. HeldSlots()];
        ValueArray<int> holders = [.. slots.SelectMany(slot => slot.Holders).Distinct().Order()];
        return new DeadlockGraph(new(slots), new([.. Sleepers().Select(task => new WaitEdges(task, holders))]));
    }

    private IEnumerable<HeldSlot> HeldSlots()
    {
        for (int slot = 0; slot < config.LastPkmap; slot++)
        {
            int page = state.PageTable[slot];
            if (state.PkmapCount[slot] >= 2 && page >= 0)
                yield return new HeldSlot(slot, page, state.PkmapCount[slot], [.. uses.Of(page)]);
        }
    }
}
