using Kmaplab.Stress.Conformance.Format.Lines;

namespace Kmaplab.Stress.Conformance.Format;

/// <summary>Checks that the steps of an atomic trace fit their configuration and each other.</summary>
internal sealed class AtomicRules
{
    private readonly TraceConfig _config;
    private readonly AtomicConfig _atomic;

    public AtomicRules(TraceConfig config, AtomicStateLine start)
    {
        _config = config;
        _atomic = config.Atomic!;
        Start = Resolve(start);
    }

    /// <summary>The state before step 1.</summary>
    public AtomicState Start { get; }

    /// <summary>The step that this line says, which must be the expected one.</summary>
    public AtomicStep Resolve(AtomicStepLine line, int expected)
    {
        AtomicOp op = Rule.Word<AtomicOp>("op", line.Op);
        CheckFields(line, op);
        if (line.Number != expected)
            throw new RuleException($"step {line.Number} stands where step {expected} must be");

        Rule.InRange("cpu", line.Cpu, 0, _atomic.CpuCount);
        if (line.Page is long page)
            Rule.InRange("page", page, 0, _config.PageCount);

        Rule.Address("pfn", line.Pfn ?? 0);
        Rule.Address("addr", line.Addr ?? 0);
        Rule.Address("result", line.Result ?? 0);
        if (line.Type is { } type && !Knows(type))
            throw Rule.Broken("type", $"'{type}' is not in the configuration's 'types'");

        return line.ToStep(op, Resolve(line.State));
    }

    private static void CheckFields(AtomicStepLine line, AtomicOp op)
    {
        Rule.Field("page", line.Page is not null, op == AtomicOp.KmapAtomic, "a step", line.Op);
        Rule.Field("pfn", line.Pfn is not null, op == AtomicOp.KmapAtomicPfn, "a step", line.Op);
        bool takesAddress = op is AtomicOp.KunmapAtomic or AtomicOp.KmapAtomicToPage;
        Rule.Field("addr", line.Addr is not null, takesAddress, "a step", line.Op);
        Rule.Field("type", line.Type is not null, op != AtomicOp.KmapAtomicToPage, "a step", line.Op);
    }

    private bool Knows(string name)
    {
        foreach (TypeNumber type in _atomic.Types)
        {
            if (type.Name == name)
                return true;
        }

        return false;
    }

    private AtomicState Resolve(AtomicStateLine line)
    {
        Rule.Count("preempt_count", line.PreemptCount.Length, _atomic.CpuCount);
        Rule.Natural("tlb_one_flushes", line.TlbOneFlushes);
        Rule.Address("last_tlb_one", line.LastTlbOne);
        Rule.Natural("resched_checks", line.ReschedChecks);

        // Writers list the entries upwards, but a JSON object has no order.
        Array.Sort(line.Entries, (one, other) => one.Index.CompareTo(other.Index));
        for (int i = 1; i < line.Entries.Length; i++)
        {
            if (line.Entries[i - 1].Index == line.Entries[i].Index)
                throw Rule.Broken("entries", $"index {line.Entries[i].Index} appears twice");
        }

        return line.ToState();
    }
}
