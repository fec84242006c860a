namespace Kmaplab.Stress.Conformance.Replay;

/// <summary>
/// Who has mapped which page how often: what the kernel itself does not know, and a deadlock report needs.
/// </summary>
internal sealed class OpenUses(TraceConfig config)
{
    private readonly List<int>?[] _holders = new List<int>?[config.PageCount];

    /// <summary>The tasks with an open use of a page, in order, each once for every use.</summary>
    public IReadOnlyList<int> Of(int page) => _holders[page] ?? [];

    /// <summary>
    /// A task has ended an operation. Whoever unmaps a page that it has not mapped drops somebody else's use.
    /// </summary>
    public void Ended(int task, in Operation operation)
    {
        if (config.LowPages[operation.Page] != 0)
            return;

        List<int> holders = _holders[operation.Page] ??= [];
        if (operation.Op == TraceOp.Kmap)
            holders.Insert(holders.Count(holder => holder <= task), task);
        else if (operation.Op == TraceOp.Kunmap && !holders.Remove(task) && holders.Count > 0)
            holders.RemoveAt(0);
    }
}
