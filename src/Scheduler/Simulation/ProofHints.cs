using Kmaplab.Scheduler.Detection;
using Kmaplab.Scheduler.Kernel;

namespace Kmaplab.Scheduler.Simulation;

/// <summary>What a scenario has declared for the sake of proofs (<see cref="IProofHints"/>).</summary>
internal sealed record ProofHints
{
    /// <summary>Groups of tasks that differ only in their numbers and pages; empty if they cannot be renamed.</summary>
    internal required TaskGroup[] Interchangeable { get; init; }

    /// <summary>Words that belong to the page frames, by frame.</summary>
    internal required int[][] MovingWithFrames { get; init; }

    /// <summary>Records of which it is of no consequence which stands for what.</summary>
    internal required RecordGroup[] Records { get; init; }

    /// <summary>The scenario has rewritings of its own, which nobody can tell to be right.</summary>
    internal required bool HasRewritings { get; init; }

    internal required SleepDeclaration[] Sleeps { get; init; }

    internal required UseDeclaration[] Uses { get; init; }

    internal required GivenBackDeclaration[] GivenBack { get; init; }

    /// <summary>What says whether nobody owns a page frame.</summary>
    internal required Func<PageFrame, bool>[] FreeFrames { get; init; }

    /// <summary>What must hold in every state.</summary>
    internal required Func<Finding?>[] StateChecks { get; init; }

    /// <summary>
    /// States are judged by code that might judge like tasks by their names (<see cref="TreatsNamesAlikeAttribute"/>).
    /// </summary>
    internal bool MayJudgeByNames =>
        StateChecks.Cast<Delegate>()
            .Concat(Sleeps.Select(sleep => sleep.IsThere))
            .Any(check => !check.Method.IsDefined(typeof(TreatsNamesAlikeAttribute), inherit: false));

    /// <summary>
    /// States are judged by code that might see that somebody is inside of a lock section
    /// (<see cref="SeesNoSectionAttribute"/>).
    /// </summary>
    internal bool MaySeeSections =>
        StateChecks.Any(check => !check.Method.IsDefined(typeof(SeesNoSectionAttribute), inherit: false));

    /// <summary>Whether somebody may follow a page table entry; true unless it was declared otherwise.</summary>
    internal bool IsInUse(int page)
    {
        foreach (UseDeclaration use in Uses)
        {
            if ((uint)(page - use.First) < (uint)use.Pages)
                return use.IsInUse(page - use.First);
        }

        return true;
    }

    /// <summary>Whether everybody has given a mapping back that may still be there.</summary>
    internal bool IsGivenBack(int page, PageFrame frame)
    {
        foreach (GivenBackDeclaration declared in GivenBack)
        {
            if ((uint)(page - declared.First) < (uint)declared.Pages)
                return declared.IsGivenBack(page - declared.First, frame);
        }

        return false;
    }

    /// <summary>Whether nobody owns a page frame.</summary>
    internal bool IsFree(PageFrame frame)
    {
        foreach (Func<PageFrame, bool> isFree in FreeFrames)
        {
            if (isFree(frame))
                return true;
        }

        return false;
    }

    /// <summary>The code of a scenario that is asked while its tasks run.</summary>
    internal IEnumerable<Delegate> Code() =>
    [
        .. StateChecks,
        .. FreeFrames,
        .. Sleeps.Select(sleep => sleep.IsThere),
        .. Uses.Select(use => use.IsInUse),
        .. GivenBack.Select(declared => declared.IsGivenBack),
        .. Records.Select(group => group.Order),
    ];
}

/// <summary>What tasks on a wait queue wait for.</summary>
internal sealed record SleepDeclaration(int WaitQueue, int SpinLock, string Sleeper, Func<bool> IsThere);

/// <summary>How to tell whether entries of a region are in use.</summary>
internal sealed record UseDeclaration(int First, int Pages, Func<int, bool> IsInUse);

/// <summary>How to tell whether mappings of a region have been given back by all who had them.</summary>
internal sealed record GivenBackDeclaration(int First, int Pages, Func<int, PageFrame, bool> IsGivenBack);

/// <summary>Tasks that differ only in their numbers and in the pages that each has for itself.</summary>
internal sealed record TaskGroup(int FirstTask, int Tasks, int FirstPage, int PagesEach);

/// <summary>Records of which it is of no consequence which stands for what.</summary>
/// <param name="Records">Their number.</param>
/// <param name="Fields">Where each array begins that has an element per record.</param>
/// <param name="Links">Each word that holds a record's number + 1, or 0.</param>
/// <param name="Order">Renumbers the records of a state in a fixed order.</param>
internal sealed record RecordGroup(int Records, int[] Fields, int[] Links, Action<int[]> Order);
