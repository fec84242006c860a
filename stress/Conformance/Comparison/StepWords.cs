namespace Kmaplab.Stress.Conformance.Comparison;

/// <summary>Says in one line what a step did, for the history in front of a difference.</summary>
internal static class StepWords
{
    /// <summary>A step of a trace with a table: who did what, and what came of it.</summary>
    public static string Describe(TraceStep step)
    {
        if (step.Poke is { } poke)
            return $"step {step.Number}: {Words<PokeTarget>.Of(poke.What)}[{poke.Index}] overwritten with {poke.Value}";

        string move = step.Move is { } labels
            ? $" {Words<YieldLabel>.Of(labels.Did)} -> {Words<YieldLabel>.Of(labels.Next)}"
            : "";
        return $"step {step.Number}: task {step.Task} {Words<TraceOp>.Of(step.Op)} page "
            + $"{step.Page}{(step.Irq ? " in an interrupt" : "")}{move}{Outcome(step)}";
    }

    /// <summary>A call of an atomic trace: where, what, and what came of it.</summary>
    public static string Describe(AtomicStep step)
    {
        string argument = step switch
        {
            { Page: { } page } => $"page {page}",
            { Pfn: { } pfn } => $"frame {pfn}",
            _ => Differences.AddressOrNull(step.Addr),
        };
        string outcome = step switch
        {
            { Bug: { } bug } => $", BUG {Words<BugCode>.Of(bug)}",
            { Result: { } frame, Op: AtomicOp.KmapAtomicToPage } => $" = frame {frame}",
            { Result: { } address } => $" = {Differences.Address(address)}",
            _ => "",
        };
        return $"step {step.Number}: CPU {step.Cpu} {Words<AtomicOp>.Of(step.Op)} "
            + $"{argument}{(step.Type is { } type ? $" {type}" : "")}{outcome}";
    }

    private static string Outcome(TraceStep step)
    {
        string woken = step.Woken.Count > 0 ? $", wakes {step.Woken}" : "";
        return step switch
        {
            { Bug: { } bug } => $", BUG {Words<BugCode>.Of(bug)}{woken}",
            { Livelock: true } => ", searches for ever",
            { Spinning: true } => ", spins for ever",
            { Blocked: true } => ", sleeps",
            { Vaddr: { } address } => $" = {Differences.Address(address)}{woken}",
            _ => woken,
        };
    }
}
