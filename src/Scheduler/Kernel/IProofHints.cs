using Kmaplab.Scheduler.Detection;

namespace Kmaplab.Scheduler.Kernel;

/// <summary>
/// What a scenario declares for the sake of proofs: what is interchangeable, what is in use, what is waited for, and
/// what must hold in every state.
/// </summary>
/// <remarks>
/// It changes nothing that tasks do. A member with an empty body tells exhaustive search what it may use; a kernel that
/// is only run ignores it.
/// </remarks>
public interface IProofHints
{
    /// <summary>
    /// Adds a rewriting of kernel memory into an equivalent form. No search uses it any more, as nobody can tell that
    /// the form is equivalent: say what is interchangeable instead
    /// (<see cref="DeclareInterchangeableRecords"/>, <see cref="DeclareInterchangeable"/>).
    /// </summary>
    void Canonicalize(Action<int[]> canonicalizer)
    {
    }

    /// <summary>
    /// Declares that it is of no consequence which of <paramref name="records"/> records stands for what; exhaustive
    /// search then sees fewer states. No local may name a record while its task stands in front of an operation: in
    /// that case the search tells records apart, and says so.
    /// </summary>
    /// <param name="records">The number of records.</param>
    /// <param name="fields">Where each array begins that has an element per record.</param>
    /// <param name="links">Each word that holds a record's number + 1, or 0; those of arrays as well.</param>
    /// <param name="order">Renumbers the records of a state in a fixed order, and does nothing else.</param>
    void DeclareInterchangeableRecords(
        int records, IReadOnlyList<int> fields, IReadOnlyList<int> links, Action<int[]> order)
    {
    }

    /// <summary>
    /// Declares that tasks differ only in their numbers and in the pages that each has for itself: the k-th of
    /// <paramref name="tasks"/> tasks from <paramref name="firstTask"/> on has the k-th <paramref name="pagesEach"/>
    /// pages from <paramref name="firstPage"/> on. Exhaustive search then takes states that differ only so for the
    /// same.
    /// </summary>
    /// <remarks>
    /// All arrays that are indexed by task or page must say so (<see cref="IndexSort"/>), and locals must keep pages in
    /// structs that are marked <see cref="NamesPageFrameAttribute"/>. A value that the compiler keeps over an await
    /// before it is assigned looks like page 0 and makes equal states look different: more states, no wrong verdict. So
    /// await into a local first.
    /// </remarks>
    void DeclareInterchangeable(int firstTask, int tasks, int firstPage, int pagesEach)
    {
    }

    /// <summary>Declares words that belong to the page frames, by frame, wherever they lie.</summary>
    void DeclareMovingWithFrames(IReadOnlyList<int> addresses)
    {
    }

    /// <summary>Declares that page frames are told apart by something that cannot be renamed.</summary>
    void ForbidRenamingFrames()
    {
    }

    /// <summary>
    /// Declares how to tell whether an entry of an exclusive region is in use, by its place in the region. One that is
    /// not may still lead to a frame: nobody follows it, so it is no second mapping.
    /// </summary>
    void DeclareInUse(VirtualPage first, int pages, Func<int, bool> isInUse);

    /// <summary>
    /// Declares how to tell whether all who had a mapping in an exclusive region have given it back, by its place in
    /// the region and the frame: it may still be there, as long as nobody clears it, and nobody may use it.
    /// </summary>
    void DeclareGivenBack(VirtualPage first, int pages, Func<int, PageFrame, bool> isGivenBack)
    {
    }

    /// <summary>
    /// Declares how to tell whether a page frame is free: nobody owns it, so nobody may touch what is in it.
    /// </summary>
    void DeclareFree(Func<PageFrame, bool> isFree)
    {
    }

    /// <summary>
    /// Declares what tasks on <paramref name="waitQueue"/> wait for, so that one who is forgotten there is noticed at
    /// once and not only when nobody else runs: <paramref name="isThere"/> says, while <paramref name="spinLock"/> is
    /// free, whether it is there. A task that is inside the function <paramref name="sleeper"/> and awake is about to
    /// look for itself.
    /// </summary>
    void DeclareSleep(int waitQueue, int spinLock, string sleeper, Func<bool> isThere)
    {
    }

    /// <summary>Adds a check of every state that exhaustive search reaches; it yields what is wrong, or null.</summary>
    /// <remarks>
    /// It is asked inside of lock sections too: no search takes a section for one step then, unless the check is marked
    /// <see cref="SeesNoSectionAttribute"/>.
    /// </remarks>
    void Always(Func<Finding?> check)
    {
    }
}

/// <summary>
/// Marks a check of states (<see cref="IProofHints.Always"/>, <see cref="IProofHints.DeclareSleep"/>, the OnState of a
/// detector) that treats all tasks and pages alike by the way it is written.
/// </summary>
/// <remarks>
/// A search that takes like tasks for the same asks any other check about every state under all names; this one about
/// a sample of them.
/// </remarks>
[AttributeUsage(AttributeTargets.Method)]
public sealed class TreatsNamesAlikeAttribute : Attribute;

/// <summary>
/// Marks a check of states (<see cref="IProofHints.Always"/>, the OnState of a detector) that cannot see that somebody
/// is inside of a lock section: it looks at nothing that is changed there, or at nothing while the lock is held.
/// </summary>
/// <remarks>
/// Exhaustive search may then pass over the states inside of sections; because of any other check it does not.
/// </remarks>
[AttributeUsage(AttributeTargets.Method)]
public sealed class SeesNoSectionAttribute : Attribute;
