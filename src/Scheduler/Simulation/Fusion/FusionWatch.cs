using System.Runtime.CompilerServices;
using Kmaplab.Scheduler.Simulation.Hardware;
using Kmaplab.Scheduler.Simulation.Memory;

namespace Kmaplab.Scheduler.Simulation.Fusion;

/// <summary>
/// Watches whether the lock sections of a machine that fuses are as good as atomic: for every word, over all that the
/// machine has been run through, which locks all accesses held, and who they were.
/// </summary>
/// <remarks>
/// <para>
/// The lock sets of S. Savage et al., "Eraser: A Dynamic Data Race Detector for Multithreaded Programs", 1997, kept
/// outside the state, so that they only shrink over a whole search. A word that several tasks access, that has ever had
/// another value than at boot, and that is not accessed by operations of their own alone, must have a lock that all
/// accesses hold. Then the plain accesses move both ways, and with acquires that move right and releases that move left
/// a section with one visible operation is as good as atomic (Lipton). All else is an obstacle. A word that an outer
/// lock guards needs no lock set: who accesses it as such without that lock is a data race, and the search ends.
/// </para>
/// <para>
/// Why an access that breaks the rule is made in the fused search too: take an execution of the unfused machine up to
/// its first such access. Everything before it commutes as the rule says. So of each other task's unfinished section
/// either nothing visible has happened, and it can be left out (the accessing task holds none of its locks, so it sees
/// nothing of it), or its visible operation has happened and its rest can be run before the access; should that rest
/// break the rule, it is that access which is noted. What remains is an execution in fused steps, and the step of it
/// that makes the access is one that the search tries. The two accesses that conflict need not meet in one execution,
/// as what each held is remembered.
/// </para>
/// <para>
/// Page table entries are used by everybody's loads and stores without their lock; who writes one while another task
/// stands before such a use of it makes the section visible. By the same argument that state is reached.
/// </para>
/// </remarks>
internal sealed class FusionWatch
{
    private readonly KernelWords _memory;
    private readonly TaskTable _tasks;
    private readonly MmuTable _mmu;
    private readonly IContextReports _reports;
    private readonly WordUse[] _uses;
    private readonly int[] _valuesAtBoot;
    private readonly int[] _spinLocks; // The outer ones first.
    private readonly List<int> _pending = []; // Words that this step may still write first: references were given out.
    private readonly int[] _guards; // The outer lock that guards each word; negative if none does.
    private int _context; // That steps.

    internal FusionWatch(
        KernelWords memory,
        TaskTable tasks,
        MmuTable mmu,
        FusionLayout layout,
        IContextReports reports)
    {
        _memory = memory.WithoutLog(); // What was held is part of what a recorded step is found by.
        _tasks = new TaskTable(_memory, tasks.Count, tasks.Contexts);
        Entries = new EntryUses(_tasks);
        _mmu = mmu;
        _reports = reports;
        _uses = new WordUse[memory.Length];
        _valuesAtBoot = layout.ValuesAtBoot;
        _spinLocks = [.. layout.SpinLocks.OrderBy(layout.InnerLocks.Contains)];
        _guards = new int[memory.Length];
        Array.Fill(_guards, -1);
        foreach (MemoryRegion region in layout.Regions.Where(region => !layout.InnerLocks.Contains(region.Guard)))
            Array.Fill(_guards, region.Guard, region.Start, region.Length);
    }

    /// <summary>
    /// Why steps may not run on through lock sections; null if they may, as far as the machine has been run.
    /// </summary>
    internal string? Obstacle { get; private set; }

    /// <summary>The page table entries that steps write, and who is about to use them.</summary>
    internal EntryUses Entries { get; }

    /// <summary>A task steps: only then are accesses those of kernel code, and not of checks.</summary>
    internal bool IsStepping { get; set; }

    /// <summary>A task begins a step.</summary>
    internal void BeginStep(int context)
    {
        _context = context;
        IsStepping = true;
        Entries.BeginStep();
    }

    /// <summary>
    /// A plain access of a word that has no guard, or an inner lock, which need not be what keeps others out.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal void NotePlain(int address)
    {
        if (!IsKnown(address, AccessWays.Plain))
            Note(address, AccessWays.Plain);
    }

    /// <summary>A look at a word, or a change of it, whatever protects it.</summary>
    internal void NoteUnchecked(int address)
    {
        int guard = _guards[address];
        if (guard < 0)
            NotePlain(address);
        else if (IsStepping && !IsHeld(guard))
            Break(address);
    }

    /// <summary>An access that is an operation of its own.</summary>
    internal void NoteMarked(int address)
    {
        int guard = _guards[address];
        if (guard >= 0)
        {
            if (!IsHeld(guard))
                Break(address);
        }
        else if (!IsKnown(address, AccessWays.Marked))
        {
            Note(address, AccessWays.Marked | AccessWays.Written);
        }
    }

    /// <summary>
    /// An inner lock is taken: unless that is an operation of its own, a plain access of it inside another section,
    /// which others must not see.
    /// </summary>
    internal void NoteInnerLock(int spinLock, bool isOperation)
    {
        AccessWays ways = isOperation ? AccessWays.Marked : AccessWays.Plain;
        if (!IsKnown(spinLock, ways))
            Note(spinLock, ways | AccessWays.Written);
    }

    /// <summary>A page table entry is looked at, or about to be written.</summary>
    internal void NoteEntry(int page, int address, bool isWrite)
    {
        int guard = _mmu.GuardOf(page);
        if (guard < 0)
            NotePlain(address);
        else if (IsStepping && !IsHeld(guard))
            Break(address);

        if (!isWrite || !IsStepping)
            return;

        Entries.NoteWrite(page);
        if (Obstacle is null && Entries.UserOf(page, _context) is >= 0 and int user)
        {
            Obstacle = $"{_reports.NameOfWord(address)} is written by {_reports.NameOf(_context)} "
                + $"in {RunningFunction()}() while {_reports.NameOf(user)} is about to use it";
        }
    }

    /// <summary>
    /// An operation that would be a step of its own is about to happen, or the step ends: what has been written is seen
    /// now.
    /// </summary>
    internal void NoteWrites()
    {
        if (_pending.Count > 0)
            CompareValues();
    }

    /// <summary>The task has come to its next operation.</summary>
    internal void EndStep()
    {
        NoteWrites();
        IsStepping = false;
    }

    /// <summary>
    /// Something that shows a section to others: a lock tried or tested, another CPU's preempt_count.
    /// </summary>
    internal void Refuse(string reason)
    {
        if (IsStepping)
            Obstacle ??= reason;
    }

    /// <summary>
    /// The running task has come from the choice of one round to that of the next, without anything that others see.
    /// </summary>
    internal void RefuseRound(int context) =>
        Obstacle ??=
            $"a round of {_reports.NameOf(context)} has no step between its choice and the next";

    /// <summary>Takes over what another machine of the same image has seen.</summary>
    internal void Share(FusionWatch other)
    {
        Obstacle ??= other.Obstacle;
        for (int address = 0; address < _uses.Length && Obstacle is null; address++)
        {
            ref WordUse ours = ref _uses[address];
            ours.Add(other._uses[address]);
            if (ours.IsBroken)
            {
                Obstacle = $"{_reports.NameOfWord(address)} is accessed by several tasks "
                    + "without a lock that all its accesses hold";
            }
        }
    }

    /// <summary>Writes what was seen, so that another process can go on with it.</summary>
    internal void Save(BinaryWriter writer)
    {
        foreach (WordUse use in _uses)
        {
            writer.Write(use.Owner);
            writer.Write(use.Lock);
            writer.Write(use.Second);

            // Of what is still to be compared nobody will know whether it was written.
            bool isPending = (use.Ways & AccessWays.Pending) != 0;
            writer.Write((byte)(isPending ? (use.Ways & ~AccessWays.Pending) | AccessWays.Written : use.Ways));
        }
    }

    /// <summary>Reads what was written.</summary>
    internal void Load(BinaryReader reader)
    {
        foreach (ref WordUse use in _uses.AsSpan())
        {
            use = new WordUse
            {
                Owner = reader.ReadInt32(),
                Lock = reader.ReadInt32(),
                Second = reader.ReadInt32(),
                Ways = (AccessWays)reader.ReadByte(),
            };
        }
    }

    private bool IsHeld(int spinLock) => _memory[spinLock] == _context + 1;

    /// <summary>
    /// Whether an access tells nothing new: most are of a task's own words, or under the lock that all have held.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private bool IsKnown(int address, AccessWays ways)
    {
        if (!IsStepping)
            return true;

        int context = _context + 1;
        ref WordUse use = ref _uses[address];
        bool isKnown = (use.Owner == context || (use.Ways & AccessWays.Shared) != 0)
            && (use.Ways & ways) == ways
            && (use.Lock == 0 || _memory[use.Lock] == context)
            && (use.Second == 0 || _memory[use.Second] == context);
        if (isKnown && (use.Ways & (AccessWays.Written | AccessWays.Pending)) == 0)
            Postpone(address);

        return isKnown;
    }

    private void Note(int address, AccessWays ways)
    {
        int context = _context + 1;
        ref WordUse use = ref _uses[address];
        if (use.Owner == 0)
        {
            use.Owner = context;
            NoteLocks(ref use, address);
        }
        else
        {
            if (use.Owner != context)
                use.Ways |= AccessWays.Shared;

            use.Keep(IsHeld(use.Lock), IsHeld(use.Second));
        }

        use.Ways |= ways;
        if (use.IsBroken)
            Break(address);
        else if ((use.Ways & (AccessWays.Written | AccessWays.Pending)) == 0)
            Postpone(address);
    }

    private void NoteLocks(ref WordUse use, int address)
    {
        foreach (int spinLock in _spinLocks)
        {
            if (spinLock == address || !IsHeld(spinLock))
                continue;

            if (use.Lock != 0)
            {
                use.Second = spinLock;
                return;
            }

            use.Lock = spinLock;
        }
    }

    private void Postpone(int address)
    {
        _uses[address].Ways |= AccessWays.Pending;
        _pending.Add(address);
    }

    private void CompareValues()
    {
        foreach (int address in _pending)
        {
            ref WordUse use = ref _uses[address];
            use.Ways &= ~AccessWays.Pending;
            if (_memory[address] != _valuesAtBoot[address])
                use.Ways |= AccessWays.Written;

            if (use.IsBroken)
                Break(address);
        }

        _pending.Clear();
    }

    private void Break(int address) =>
        Obstacle ??=
            $"{_reports.NameOfWord(address)} is accessed by {_reports.NameOf(_context)} in {RunningFunction()}() "
            + "without a lock that all its accesses hold";

    private string RunningFunction() => _reports.RunningChain().Split(" <- ")[0];
}
