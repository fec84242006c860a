using System.Runtime.CompilerServices;
using Kmaplab.Scheduler.Detection;
using Kmaplab.Scheduler.Kernel;

namespace Kmaplab.Scheduler.Simulation;

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
            : !_isStepping || (!_judgesUnguarded && guard != Protection.Marked); // Who does not step looks from outside.
        if (!isFine)
            JudgeAccess(address, guard);
    }

    /// <summary>Tells who watches closely that the running code is about to touch kernel memory.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal void ShowPlainAccess()
    {
        if (Observer is not null && _isStepping)
            Observer.OnPlainAccess(Current);
    }

    /// <summary>Nobody on this CPU could come between before this moment.</summary>
    internal void NoteLocalRelease()
    {
        if (_isStepping)
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
        if (!_isStepping)
            return; // The scenario boots, or somebody looks from outside.

        if (guard == Protection.Marked)
            ReportUnmarked(address);

        _plainAccesses?.Note(Current, address);
    }

    private void ReportUnlocked(int address, int guard) => Machine.Report(
        FailureClass.DataRace,
        $"{Machine.NameOf(Current)} accesses {Machine.Image.NameOf(address)} without {Machine.Image.NameOf(guard)}, "
        + $"which {_locks.Holder(guard)}\n  in {Machine.RunningChain()}");

    private void ReportUnmarked(int address) => Machine.Report(
        FailureClass.DataRace,
        $"{Machine.NameOf(Current)} accesses {Machine.Image.NameOf(address)}, of which all accesses must be marked"
        + $"\n  in {Machine.RunningChain()}");
}
