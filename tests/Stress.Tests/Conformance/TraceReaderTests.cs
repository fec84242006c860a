using Kmaplab.Stress.Conformance;
using Kmaplab.Stress.Conformance.Format;

namespace Kmaplab.Stress.Tests.Conformance;

public sealed class TraceReaderTests
{
    [Fact]
    public void A_coarse_trace_gives_its_configuration_steps_and_end()
    {
        using TraceReader reader = TraceSamples.Open(TraceSamples.Coarse);
        Assert.Equal(TraceKind.Coarse, reader.Config.Kind);
        Assert.Equal(new ValueArray<uint>([0, 0, 3847159808]), reader.Config.LowPages);
        Assert.True(reader.Config.Table!.Smp);
        Assert.Null(reader.Config.Table.Hash);
        Assert.Equal([TaskCondition.Idle, TaskCondition.Idle], reader.Start.Tasks);

        List<TraceStep> steps = TraceSamples.Steps(reader);
        Assert.Equal((0, TraceOp.Kmap, 0, 4290772992u), (steps[0].Task, steps[0].Op, steps[0].Page, steps[0].Vaddr));
        Assert.True(steps[1].Blocked);
        Assert.Equal([TaskCondition.Idle, TaskCondition.Asleep], steps[1].State.Tasks);
        Assert.Equal([1], steps[2].Woken);
        Assert.Equal([4290772992u, 0, 0], steps[2].State.PageAddress);
        Assert.Equal((BugCode.KunmapInInterrupt, true), (steps[3].Bug, steps[3].Irq));
        Assert.Equal(new TraceEnd { Reason = EndReason.Bug, Steps = 4 }, reader.End);
    }

    [Fact]
    public void Changes_are_resolved_into_whole_states()
    {
        using TraceReader reader = TraceSamples.Open(TraceSamples.Delta);
        TraceState start = reader.Start;
        List<TraceStep> steps = TraceSamples.Steps(reader);

        Assert.Equal([1, 0], start.PkmapCount);
        Assert.Equal([1, 2], steps[0].State.PkmapCount);
        Assert.Equal([2, 1], steps[0].State.PageTable);
        Assert.Equal([0u, 4290777088, 4290772992], steps[0].State.PageAddress);
        Assert.Equal([4290772992u, 4290777088, 0], steps[1].State.PageAddress);
        Assert.Equal([2, -3], steps[2].State.PkmapCount);
        Assert.Equal(0, steps[3].State.Lock);
    }

    [Fact]
    public void States_share_what_did_not_change()
    {
        using TraceReader reader = TraceSamples.Open(TraceSamples.Delta);
        List<TraceStep> steps = TraceSamples.Steps(reader);
        Assert.False(steps[1].State.PkmapCount.SharesItemsWith(steps[2].State.PkmapCount));
        Assert.True(steps[1].State.PageTable.SharesItemsWith(steps[2].State.PageTable));
        Assert.True(steps[1].State.PageAddress.SharesItemsWith(steps[3].State.PageAddress));
    }

    [Fact]
    public void A_poke_names_its_cell_and_has_neither_task_nor_page()
    {
        using TraceReader reader = TraceSamples.Open(TraceSamples.Delta);
        TraceStep poke = TraceSamples.Steps(reader)[2];
        Assert.Equal(new Poke(PokeTarget.PkmapCount, 1, -3), poke.Poke);
        Assert.Null(poke.Task);
        Assert.Null(poke.Page);
    }

    [Fact]
    public void A_fine_trace_has_programs_a_schedule_and_moves()
    {
        using TraceReader reader = TraceSamples.Open(TraceSamples.Fine);
        FineConfig fine = reader.Config.Table!.Fine!;
        Assert.Equal([new ProgramOp(TraceOp.Kmap, 0), new ProgramOp(TraceOp.Kunmap, 0)], fine.Programs[0]);
        Assert.Empty(fine.Programs[1]);
        Assert.Equal([0, 0], fine.Schedule);

        List<TraceStep> steps = TraceSamples.Steps(reader);
        Assert.Equal(new FineMove(YieldLabel.Begin, YieldLabel.Lock), steps[0].Move);
        Assert.Equal(new FineMove(YieldLabel.Spin, YieldLabel.Lock), steps[1].Move);
        Assert.Equal(new ValueArray<Waiter>([new Waiter(0, 0)]), reader.End.Waiting);
        Assert.Null(reader.End.Graph);
    }

    [Fact]
    public void Hash_chains_keep_their_order()
    {
        using TraceReader reader = TraceSamples.Open(TraceSamples.Hash);
        Assert.Equal([8, 107], reader.Config.Table!.Hash!.PageBucket);
        Assert.Equal([2, 1, 0], reader.Start.Hash!.Pool);

        List<TraceStep> steps = TraceSamples.Steps(reader);
        Assert.Equal(4290777088u, steps[1].Value);
        HashEntry[] chain = [new(8, 0, 4290777088, 1), new(8, 0, 4290772992, 2)];
        Assert.Equal(chain, steps[1].State.Hash!.Entries);
        Assert.Same(steps[1].State.Hash, steps[2].State.Hash);
    }

    [Fact]
    public void A_stuck_end_may_name_the_lock_holder()
    {
        using TraceReader reader = TraceSamples.Open(TraceSamples.HashFine);
        Assert.Equal(YieldLabel.BucketLock, TraceSamples.Steps(reader)[0].Move!.Value.Next);
        Assert.Equal(0, reader.End.LockHolder);
    }

    [Fact]
    public void A_coarse_deadlock_comes_with_its_graph()
    {
        using TraceReader reader = TraceSamples.Open(TraceSamples.All["deadlock"]);
        TraceSamples.Steps(reader);
        DeadlockGraph graph = reader.End.Graph!;
        Assert.Equal(new HeldSlot(0, 0, 3, new([0, 0])), Assert.Single(graph.Slots));
        Assert.Equal(new WaitEdges(1, new([0])), Assert.Single(graph.WaitFor));
    }

    [Fact]
    public void An_atomic_trace_gives_each_call_its_own_argument()
    {
        using TraceReader reader = TraceSamples.Open(TraceSamples.Atomic);
        Assert.Equal([new TypeNumber("KM_USER0", 1), new TypeNumber("KM_USER1", 3)], reader.Config.Atomic!.Types);
        Assert.Equal([0, 0], reader.AtomicStart.PreemptCount);

        List<AtomicStep> steps = TraceSamples.AtomicSteps(reader);
        Assert.Equal((0, null, null), (steps[0].Page, steps[0].Pfn, steps[0].Addr));
        Assert.Equal((null, 233280u, null), (steps[1].Page, steps[1].Pfn, steps[1].Addr));
        Assert.Equal((null, null, 4294950912u), (steps[2].Page, steps[2].Pfn, steps[2].Addr));
        Assert.Null(steps[2].Type);
        Assert.Equal(BugCode.KunmapAtomicWrongSlot, steps[3].Bug);
        Assert.Equal([new AtomicEntry(1, 242433), new AtomicEntry(8, 233280)], steps[3].State.Entries);
    }

    [Fact]
    public void Asking_for_the_other_kind_of_step_is_the_callers_mistake()
    {
        using TraceReader reader = TraceSamples.Open(TraceSamples.Atomic);
        Assert.Throws<InvalidOperationException>(reader.ReadStep);
        Assert.Throws<InvalidOperationException>(() => reader.End);
    }

    [Fact]
    public void The_order_of_fields_does_not_matter()
    {
        string other = TraceSamples.Coarse
            .Replace("\"i\":1,\"task\":0,", "\"task\":0,\"i\":1,")
            .Replace("\"kind\":\"coarse\",\"profile\":\"mixed\"", "\"profile\":\"mixed\",\"kind\":\"coarse\"");
        Assert.NotEqual(TraceSamples.Coarse, other);
        using TraceReader expected = TraceSamples.Open(TraceSamples.Coarse);
        using TraceReader actual = TraceSamples.Open(other);
        Assert.Equal(expected.Config, actual.Config);
        Assert.Equal(TraceSamples.Steps(expected), TraceSamples.Steps(actual));
    }
}
