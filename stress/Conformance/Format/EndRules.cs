using Kmaplab.Stress.Conformance.Format.Lines;

namespace Kmaplab.Stress.Conformance.Format;

/// <summary>Checks that a trace's last line fits all before it.</summary>
internal static class EndRules
{
    /// <summary>Checks the last line after so many steps.</summary>
    public static TraceEnd Resolve(EndLine end, TraceConfig config, int stepsRead)
    {
        EndReason reason = Rule.Word<EndReason>("end", end.End);
        CheckFields(end, reason, config);
        if (end.Steps != stepsRead)
            throw new RuleException($"'steps' is {end.Steps}, but {stepsRead} steps came before");

        if (config.Table?.Fine is FineConfig fine && fine.Schedule.Count != end.Steps)
            throw new RuleException($"the schedule has {fine.Schedule.Count} steps, but {end.Steps} came before");

        CheckNumbers(end, config, config.Table?.TaskCount ?? 0);
        return end.ToEnd(reason);
    }

    private static void CheckFields(EndLine end, EndReason reason, TraceConfig config)
    {
        bool isDeadlock = reason == EndReason.Deadlock;
        bool hasGraph =
            isDeadlock && (config.Kind == TraceKind.Coarse || end.Slots is not null || end.WaitFor is not null);
        Rule.MayHave("lock_holder", end.LockHolder is not null, reason == EndReason.Stuck, "an end", end.End);
        Rule.Field("waiting", end.Waiting is not null, isDeadlock, "an end", end.End);
        Rule.Field("slots", end.Slots is not null, hasGraph, "an end", end.End);
        Rule.Field("wait_for", end.WaitFor is not null, hasGraph, "an end", end.End);
    }

    private static void CheckNumbers(EndLine end, TraceConfig config, int tasks)
    {
        if (end.LockHolder is long holder)
            Rule.InRange("lock_holder", holder, 0, tasks);

        foreach (WaiterLine waiter in end.Waiting ?? [])
        {
            Rule.InRange("task", waiter.Task, 0, tasks);
            Rule.InRange("page", waiter.Page, 0, config.PageCount);
        }

        foreach (HeldSlotLine held in end.Slots ?? [])
        {
            Rule.InRange("slot", held.Slot, 0, config.LastPkmap);
            Rule.Int("count", held.Count);
            Rule.InRange("page", held.Page, -1, config.PageCount);
            Rule.AllInRange("holders", held.Holders, 0, tasks);
        }

        var sleepers = new HashSet<int>();
        foreach ((int task, ValueArray<int> others) in end.WaitFor ?? [])
        {
            Rule.InRange("wait_for", task, 0, tasks);
            Rule.AllInRange("wait_for", others.AsSpan(), 0, tasks);
            if (!sleepers.Add(task))
                throw Rule.Broken("wait_for", $"task {task} appears twice");
        }
    }
}
