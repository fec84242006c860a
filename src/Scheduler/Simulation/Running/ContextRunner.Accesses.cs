using System.Runtime.CompilerServices;
using Kmaplab.Scheduler.Detection;
using Kmaplab.Scheduler.Kernel;

namespace Kmaplab.Scheduler.Simulation.Running;

/// <content>Kernel memory that running code touches between its operations.</content>
internal sealed partial class ContextRunner
{
    /// <summary>An access that is an operation of its own is about to be announced.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal void NoteMarkedAccess(int address) => _fusionWatch?.NoteMarked(address);

    /// <summary>Judges a plain access of a word that a lock, or a <see cref="Protection"/>, guards.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal void CheckAccess(int address, int guard)
    {
        ShowPlainAccess();
        bool isFine = guard >= 0
            ? Memory[guard] == Current + 1 && (_fusionWatch is null || !_locks.IsInner(guard))
            : !IsStepping || (!_judgesUnguarded && guard != Protection.Marked); // Else somebody looks from outside.
        if (!isFine)
            JudgeAccess(address, guard);
    }

    /// <summary>Tells who watches closely that the running code is about to touch kernel memory.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal void ShowPlainAccess()
    {
        if (Observer is not null && IsStepping)
            Observer.OnPlainAccess(Current);
    }

    /// <summary>Nobody on this CPU could come between before this moment.</summary>
    internal void NoteLocalRelease()
    {
        if (IsStepping)
            _plainAccesses?.NoteLocalRelease(Current);
    }

    private void JudgeAccess(int address, int guard)
    {
        if (guard >= 0)
        {
            if (Memory[guard] != Current + 1)
                ReportUnlocked(address, guard);
            else if (_fusionWatch is not null && _locks.IsInner(guard))
                _fusionWatch.NotePlain(address);

            return;
        }

        _fusionWatch?.NotePlain(address);
        if (!IsStepping)
            return; // The scenario boots, or somebody looks from outside.

        if (guard == Protection.Marked)
            ReportUnmarked(address);

        _plainAccesses?.Note(Current, address);
    }

    private void ReportUnlocked(int address, int guard) => Reports.Report(
        FailureClass.DataRace,
        $"{Reports.NameOf(Current)} accesses {Reports.NameOfWord(address)} without {Reports.NameOfWord(guard)}, "
        + $"which {_locks.Holder(guard)}\n  in {Reports.RunningChain()}");

    private void ReportUnmarked(int address) => Reports.Report(
        FailureClass.DataRace,
        $"{Reports.NameOf(Current)} accesses {Reports.NameOfWord(address)}, of which all accesses must be marked"
        + $"\n  in {Reports.RunningChain()}");
}
