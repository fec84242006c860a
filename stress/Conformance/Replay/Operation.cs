namespace Kmaplab.Stress.Conformance.Replay;

/// <summary>One call of the port: which function, with what, and whether an interrupt makes it.</summary>
public readonly record struct Operation(TraceOp Op, int Page, uint Value = 0, bool Irq = false)
{
    /// <summary>Whether the call returns an address.</summary>
    public bool HasResult => Op is TraceOp.Kmap or TraceOp.PageAddress;
}
