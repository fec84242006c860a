using Kmaplab.Scheduler.Simulation.Memory;
using Kmaplab.Scheduler.Simulation.Operations;

namespace Kmaplab.Scheduler.Simulation.Fusion;

/// <summary>
/// Page table entries: which of them a step has written, and who stands before a use of one.
/// </summary>
/// <remarks>Everybody's loads and stores use them without the lock that their writers hold.</remarks>
internal sealed class EntryUses(TaskTable tasks)
{
    private readonly List<int> _written = [];

    /// <summary>Those that the latest step has written, by page.</summary>
    internal IReadOnlyList<int> Written => _written;

    /// <summary>A step begins.</summary>
    internal void BeginStep() => _written.Clear();

    /// <summary>The step writes one.</summary>
    internal void NoteWrite(int page) => _written.Add(page);

    /// <summary>Whether another context than <paramref name="context"/> stands before a use of one of some.</summary>
    internal bool IsAnyInUse(int context, int[] pages)
    {
        foreach (int page in pages)
        {
            if (UserOf(page, context) >= 0)
                return true;
        }

        return false;
    }

    /// <summary>Who stands before a use of one, other than <paramref name="writer"/>; -1 if nobody does.</summary>
    internal int UserOf(int page, int writer)
    {
        for (int context = 0; context < tasks.Contexts; context++)
        {
            bool isUser = context != writer
                && OperationTable.Of(tasks.Operation(context)).Target == OperationTarget.Place
                && tasks.Target(context) == page;
            if (isUser)
                return context;
        }

        return -1;
    }
}
