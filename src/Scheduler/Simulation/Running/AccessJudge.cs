using Kmaplab.Scheduler.Detection;
using Kmaplab.Scheduler.Kernel;
using Kmaplab.Scheduler.Simulation.Fusion;
using Kmaplab.Scheduler.Simulation.Hardware;

namespace Kmaplab.Scheduler.Simulation.Running;

/// <summary>
/// Plain accesses that somebody looks at, or that are not as they should be: shows them to who watches the machine, and
/// reports those that no lock protects.
/// </summary>
internal sealed class AccessJudge(ContextRunner runner, MachineParts parts)
{
    private readonly FusionWatch? _fusionWatch = parts.Fusion.Watch; // Null on a machine that does not fuse.
    private readonly PlainAccessWatch? _plainAccesses = parts.PlainAccesses; // Null if no word is watched.
    private readonly LockTable _locks = parts.Locks;

    /// <summary>Judges an access of a word that a lock, or a <see cref="Protection"/>, guards.</summary>
    internal void Judge(int address, int guard)
    {
        runner.ShowPlainAccess();
        if (guard >= 0)
        {
            if (runner.Memory[guard] != runner.Current + 1)
                ReportUnlocked(address, guard);
            else if (_fusionWatch is not null && _locks.IsInner(guard))
                _fusionWatch.NotePlain(address);

            return;
        }

        _fusionWatch?.NotePlain(address);
        if (!runner.IsStepping)
            return; // The scenario boots, or somebody looks from outside.

        if (guard == Protection.Marked)
            ReportUnmarked(address);

        _plainAccesses?.Note(runner.Current, address);
    }

    /// <summary>
    /// How many words in a row, from the first on, a plain access of each would find other than a value, and no
    /// different from one of all of them.
    /// </summary>
    internal int PassOver(int address, int length, int guard, int value)
    {
        // An access without its lock is reported, and one that is watched shown, where it is made.
        bool isHeldLockEnough = guard >= 0 && (_fusionWatch is null || !_locks.IsInner(guard));
        if (runner.Observer is not null || !isHeldLockEnough || runner.Memory[guard] != runner.Current + 1)
            return 0;

        int index = runner.Memory.IndexOfAny(address, length, value, value);
        return index < 0 ? length : index;
    }

    /// <summary>Notes an access that nobody judges.</summary>
    internal void Note(int address)
    {
        if (_fusionWatch is { IsStepping: true } watch)
            watch.NoteUnchecked(address);

        runner.ShowPlainAccess();
    }

    private void ReportUnlocked(int address, int guard) => runner.Reports.Report(
        FailureClass.DataRace,
        $"{runner.Reports.NameOf(runner.Current)} accesses {runner.Reports.NameOfWord(address)} "
        + $"without {runner.Reports.NameOfWord(guard)}, which {_locks.Holder(guard)}"
        + $"\n  in {runner.Reports.RunningChain()}");

    private void ReportUnmarked(int address) => runner.Reports.Report(
        FailureClass.DataRace,
        $"{runner.Reports.NameOf(runner.Current)} accesses {runner.Reports.NameOfWord(address)}, "
        + $"of which all accesses must be marked\n  in {runner.Reports.RunningChain()}");
}
