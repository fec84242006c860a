using Kmaplab.Stress.Conformance.Format.Lines;

namespace Kmaplab.Stress.Conformance.Format;

/// <summary>Checks that the steps of a trace with a table fit their configuration and each other.</summary>
internal sealed class StepRules
{
    private readonly TraceConfig _config;
    private readonly TableConfig _table;
    private readonly StateRules _states;

    public StepRules(TraceConfig config, StateLine start)
    {
        _config = config;
        _table = config.Table!;
        _states = new StateRules(config, _table);
        Start = _states.Resolve(start, 0);
    }

    /// <summary>The state before step 1.</summary>
    public TraceState Start { get; }

    /// <summary>The step that this line says, which must be the expected one.</summary>
    public TraceStep Resolve(StepLine line, int expected)
    {
        TraceOp op = Rule.Word<TraceOp>("op", line.Op);
        CheckFields(line, op);
        if (line.Number != expected)
            throw new RuleException($"step {line.Number} stands where step {expected} must be");

        if (!Occurs(op))
            throw new RuleException($"'{line.Op}' does not occur in kind '{Words<TraceKind>.Of(_config.Kind)}'");

        CheckWho(line, op);
        CheckValue(line);
        if (line.Vaddr is long vaddr)
            Rule.Address("vaddr", vaddr);

        if (line.Page is long page)
            Rule.InRange("page", page, 0, _config.PageCount);

        return line.ToStep(op, _states.Resolve(line.State, expected));
    }

    private void CheckFields(StepLine line, TraceOp op)
    {
        bool isPoke = op == TraceOp.Poke;
        Rule.Field("did", line.Did is not null, _config.IsFine, "a step", line.Op);
        Rule.Field("next", line.Next is not null, _config.IsFine, "a step", line.Op);
        Rule.Field("page", line.Page is not null, !isPoke, "a step", line.Op);
        Rule.Field("what", line.What is not null, isPoke, "a step", line.Op);
        Rule.Field("index", line.Index is not null, isPoke, "a step", line.Op);
        Rule.Field("value", line.Value is not null, isPoke || op == TraceOp.SetPageAddress, "a step", line.Op);
        Rule.MayHave("irq", line.Irq, !_config.IsFine && op == TraceOp.Kunmap, "a step", line.Op);
        Rule.MayHave("spinning", line.Spinning, !_config.IsFine, "a step", line.Op);
        Rule.MayHave("livelock", line.Livelock, !_config.IsFine, "a step", line.Op);
    }

    private void CheckWho(StepLine line, TraceOp op)
    {
        if (line.Task is null != (op == TraceOp.Poke))
            throw new RuleException("'task' is null for a poke, and only then");

        if (line.Task is long task)
            Rule.InRange("task", task, 0, _table.TaskCount);

        Rule.AllInRange("woken", line.Woken, 0, _table.TaskCount);
        if (_table.Fine is not { Schedule: var schedule })
            return;

        if (line.Number > schedule.Count)
            throw new RuleException($"the schedule has only {schedule.Count} steps");

        if (schedule[(int)line.Number - 1] != line.Task)
            throw new RuleException($"the schedule has task {schedule[(int)line.Number - 1]} here, not {line.Task}");
    }

    private void CheckValue(StepLine line)
    {
        if (line.What is not null)
        {
            PokeTarget what = Rule.Word<PokeTarget>("what", line.What);
            bool isEntry = what == PokeTarget.PageTable;
            Rule.InRange(
                "index",
                line.Index!.Value,
                0,
                what == PokeTarget.LastPkmapNr ? int.MaxValue : _config.LastPkmap);
            Rule.InRange(
                "value",
                line.Value!.Value,
                isEntry ? -1 : int.MinValue,
                isEntry ? _config.PageCount : int.MaxValue);
        }
        else if (line.Value is long address)
        {
            Rule.Address("value", address);
        }
    }

    private bool Occurs(TraceOp op) => op switch
    {
        TraceOp.Kmap or TraceOp.Kunmap or TraceOp.PageAddress => true,
        TraceOp.Resume => !_config.IsFine,
        TraceOp.Poke => _config.Kind == TraceKind.Coarse,
        _ => _config.Kind == TraceKind.Hash,
    };
}
