namespace Kmaplab.Stress.Conformance;

/// <summary>Reads a trace's last line.</summary>
internal static class EndDecoder
{
    private static readonly FieldNames s_names = new("end", "steps", "lock_holder", "waiting", "slots", "wait_for");
    private static readonly FieldNames s_waiter = new("task", "page");
    private static readonly FieldNames s_slot = new("slot", "page", "count", "holders");

    private static readonly ulong s_always = s_names.Set("end", "steps");
    private static readonly ulong s_stuck = s_names.Set("lock_holder");
    private static readonly ulong s_waiting = s_names.Set("waiting");
    private static readonly ulong s_graph = s_names.Set("slots", "wait_for");

    public static TraceEnd Decode(ref JsonLine json, TraceConfig config, int stepsRead)
    {
        int steps = 0, tasks = config.Table?.TaskCount ?? 0;
        EndReason reason = default;
        int? lockHolder = null;
        ValueArray<Waiter>? waiting = null;
        ValueArray<HeldSlot>? slots = null;
        ValueArray<WaitEdges>? waitFor = null;

        SeenFields seen = default;
        json.BeginObject();
        while (json.NextField(s_names, ref seen, out int field))
        {
            switch (s_names[field])
            {
                case "end":
                    reason = json.Word(TraceWords.Ends);
                    break;
                case "steps":
                    steps = json.Int();
                    break;
                case "lock_holder":
                    lockHolder = json.Index(tasks);
                    break;
                case "waiting":
                    waiting = Waiters(ref json, config, tasks);
                    break;
                case "slots":
                    slots = Slots(ref json, config, tasks);
                    break;
                default:
                    waitFor = Edges(ref json, tasks);
                    break;
            }
        }

        CheckFields(ref json, seen, config, reason);
        CheckSteps(ref json, config, steps, stepsRead);
        return new()
        {
            Reason = reason,
            Steps = steps,
            LockHolder = lockHolder,
            Waiting = waiting,
            Graph = slots is null ? null : new(slots.Value, waitFor!.Value),
        };
    }

    private static void CheckFields(ref JsonLine json, in SeenFields seen, TraceConfig config, EndReason reason)
    {
        bool deadlock = reason == EndReason.Deadlock;
        ulong graph = !deadlock ? 0 : config.Kind == TraceKind.Coarse ? s_graph : seen.Set & s_graph;
        ulong required = s_always | (deadlock ? s_waiting : 0) | (graph != 0 ? s_graph : 0);
        ulong optional = reason == EndReason.Stuck ? s_stuck : 0;
        json.Require(s_names, seen, required, optional, $"an end '{TraceWords.Ends[reason]}'");
    }

    private static void CheckSteps(ref JsonLine json, TraceConfig config, int steps, int stepsRead)
    {
        if (steps != stepsRead)
            throw json.Fail($"'steps' is {steps}, but {stepsRead} steps came before");

        if (config.Table?.Fine is FineConfig fine && fine.Schedule.Count != steps)
            throw json.Fail($"the schedule has {fine.Schedule.Count} steps, but {steps} came before");
    }

    private static ValueArray<Waiter> Waiters(ref JsonLine json, TraceConfig config, int tasks)
    {
        var waiters = new List<Waiter>();
        json.BeginArray();
        while (json.NextItem())
        {
            int task = 0, page = 0;
            SeenFields seen = default;
            json.BeginObject();
            while (json.NextField(s_waiter, ref seen, out int field))
            {
                if (field == 0)
                    task = json.Index(tasks);
                else
                    page = json.Index(config.PageCount);
            }

            json.Require(s_waiter, seen, s_waiter.Set("task", "page"), 0, "an item of 'waiting'");
            waiters.Add(new Waiter(task, page));
        }

        return new([.. waiters]);
    }

    private static ValueArray<HeldSlot> Slots(ref JsonLine json, TraceConfig config, int tasks)
    {
        var slots = new List<HeldSlot>();
        json.BeginArray();
        while (json.NextItem())
        {
            int slot = 0, page = 0, count = 0;
            ValueArray<int> holders = default;
            SeenFields seen = default;
            json.BeginObject();
            while (json.NextField(s_slot, ref seen, out int field))
            {
                switch (field)
                {
                    case 0:
                        slot = json.Index(config.LastPkmap);
                        break;
                    case 1:
                        page = json.InRange(-1, config.PageCount);
                        break;
                    case 2:
                        count = json.Int();
                        break;
                    default:
                        holders = Lists.Ints(ref json, tasks);
                        break;
                }
            }

            json.Require(s_slot, seen, s_slot.Set("slot", "page", "count", "holders"), 0, "an item of 'slots'");
            slots.Add(new HeldSlot(slot, page, count, holders));
        }

        return new([.. slots]);
    }

    private static ValueArray<WaitEdges> Edges(ref JsonLine json, int tasks)
    {
        var edges = new List<WaitEdges>();
        json.BeginObject();
        while (json.NextKey(tasks, out int task))
        {
            if (edges.Exists(e => e.Task == task))
                throw json.FailField($"task {task} appears twice");

            edges.Add(new WaitEdges(task, Lists.Ints(ref json, tasks)));
        }

        return new([.. edges]);
    }
}
