using Kmaplab.Allocator;
using Kmaplab.Allocator.Memory;
using Kmaplab.Scheduler.Simulation.Running;
using Kmaplab.Stress.Conformance;
using Kmaplab.Stress.Conformance.Replay;
using Operation = Kmaplab.Stress.Conformance.Replay.Operation;

namespace Kmaplab.Stress.Tests.Conformance;

/// <summary>The corners of replaying that few traces reach.</summary>
public sealed class TableReplayTests
{
    [Fact]
    public void A_search_that_never_ends_is_recognised_with_the_lock_held()
    {
        TableReplay replay = Boot(slots: 3);
        replay.Operate(0, new Operation(TraceOp.Kmap, 0));

        TraceStep step = replay.Operate(1, new Operation(TraceOp.Kmap, 1));

        Assert.True(step.Livelock);
        Assert.Equal(TaskCondition.Dead, step.State.Tasks[1]);
        Assert.Equal(1, step.State.Lock);
        Assert.Equal(0, step.State.LastPkmapNr);
    }

    [Fact]
    public void Whoever_wants_a_dead_tasks_lock_spins_for_ever()
    {
        TableReplay replay = Boot(slots: 2);
        Assert.Equal(BugCode.KunmapNotMapped, replay.Operate(0, new Operation(TraceOp.Kunmap, 0)).Bug);

        TraceStep step = replay.Operate(1, new Operation(TraceOp.Kmap, 1));

        Assert.True(step.Spinning);
        Assert.Equal(TaskCondition.Ready, step.State.Tasks[1]);
        Assert.Equal(EndReason.Stuck, replay.End(null).Reason);
    }

    [Fact]
    public void On_one_CPU_the_lock_of_a_dead_task_keeps_nobody_out()
    {
        TableReplay replay = Boot(slots: 2, smp: false);
        replay.Operate(0, new Operation(TraceOp.Kunmap, 0));

        TraceStep step = replay.Operate(1, new Operation(TraceOp.Kmap, 1));

        Assert.NotNull(step.Vaddr);
        Assert.Null(step.State.Lock);
    }

    [Fact]
    public void An_unmapping_in_an_interrupt_dies_before_it_takes_the_lock()
    {
        TableReplay replay = Boot(slots: 2);
        replay.Operate(0, new Operation(TraceOp.Kmap, 0));

        TraceStep step = replay.Operate(0, new Operation(TraceOp.Kunmap, 0, Irq: true));

        Assert.Equal(BugCode.KunmapInInterrupt, step.Bug);
        Assert.Null(step.State.Lock);
    }

    [Fact]
    public void An_overwritten_entry_kills_the_sweep_that_meets_it()
    {
        TableReplay replay = Boot(slots: 1);
        replay.Operate(0, new Operation(TraceOp.Kmap, 0));
        replay.Operate(0, new Operation(TraceOp.Kunmap, 0));
        replay.Poke(new Poke(PokeTarget.PageTable, 0, -1));

        Assert.Equal(BugCode.FlushEmptyPte, replay.Operate(0, new Operation(TraceOp.Kmap, 1)).Bug);
    }

    [Fact]
    public void A_deadlock_says_who_waits_for_whom()
    {
        TableReplay replay = Boot(slots: 1);
        replay.Operate(0, new Operation(TraceOp.Kmap, 0));
        replay.Operate(1, new Operation(TraceOp.Kmap, 1));
        replay.Operate(0, new Operation(TraceOp.Kmap, 2));

        TraceEnd end = replay.End(null);

        Assert.Equal(EndReason.Deadlock, end.Reason);
        Assert.Equal<Waiter>([new(0, 2), new(1, 1)], end.Waiting!.Value);
        Assert.Equal<HeldSlot>([new(0, 0, 2, [0])], end.Graph!.Slots);
        Assert.Equal<WaitEdges>([new(0, [0]), new(1, [0])], end.Graph.WaitFor);
    }

    private static TableReplay Boot(int slots, bool smp = true)
    {
        var config = new TraceConfig
        {
            Trace = "t",
            Kind = TraceKind.Coarse,
            Profile = "test",
            Version = "test",
            LastPkmap = slots,
            PageCount = 4,
            PkmapBase = PkmapLayout.DefaultBase.Value,
            PageShift = PkmapLayout.PageShift,
            LowPages = [0, 0, 0, 0],
            Table = new TableConfig { TaskCount = 2, Smp = smp, Encoding = StateEncoding.Full },
        };
        return new TableReplay(config, (boot, port) => new HighMemory<SimulatedKernel>(boot, port));
    }
}
