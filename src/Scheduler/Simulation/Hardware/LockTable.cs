using Kmaplab.Scheduler.Coroutines;
using Kmaplab.Scheduler.Detection;
using Kmaplab.Scheduler.Kernel;
using Kmaplab.Scheduler.Kernel.Rules;
using Kmaplab.Scheduler.Simulation.Memory;
using Kmaplab.Scheduler.Simulation.Operations;

namespace Kmaplab.Scheduler.Simulation.Hardware;

/// <summary>
/// The spin locks: taking and releasing them, with what that does to interrupts and preemption (kernel/spinlock.c), and
/// what is wrong with how they are used.
/// </summary>
/// <remarks>A lock is one word: its holder + 1, or 0. On a machine with interrupts a word of uses follows it.</remarks>
internal sealed class LockTable
{
    private readonly KernelWords _memory;
    private readonly TaskTable _tasks;
    private readonly CpuTable _cpus;
    private readonly InterruptController _interrupts;
    private readonly IContextReports _reports;
    private readonly byte[] _isInner; // By address.
    private readonly int _preemptOffset; // What a spin lock adds to preempt_count.
    private readonly bool _tracksUse;
    private readonly bool _checks;

    /// <summary>The locks of a machine; <paramref name="checks"/> if misuse is reported.</summary>
    internal LockTable(
        KernelWords memory,
        TaskTable tasks,
        CpuTable cpus,
        InterruptController interrupts,
        IReadOnlyCollection<int> innerLocks,
        CpuRules rules,
        bool checks,
        IContextReports reports)
    {
        _memory = memory;
        _tasks = tasks;
        _cpus = cpus;
        _interrupts = interrupts;
        _reports = reports;
        _isInner = new byte[memory.Length];
        foreach (int spinLock in innerLocks)
            _isInner[spinLock] = 1;

        _preemptOffset = rules.PreemptOffset;
        _tracksUse = rules.HasInterrupts;
        _checks = checks;
    }

    [Flags]
    private enum Uses
    {
        None = 0,
        InHardIrq = 1,
        HardIrqsOn = 2,
        InSoftIrq = 4,
        SoftIrqsOn = 8,
    }

    /// <summary>Whether a lock is only taken inside sections of outer ones (<see cref="LockRank.Inner"/>).</summary>
    internal bool IsInner(int spinLock) => _isInner[spinLock] != 0;

    /// <summary>The same for all addresses at once, for hot loops.</summary>
    internal byte[] InnerLocks => _isInner;

    /// <summary>The context that holds a lock, -1 if nobody does.</summary>
    internal int HolderOf(int spinLock) => _memory[spinLock] - 1;

    /// <summary>
    /// Takes a free lock; yields the interrupt flag as it was, for spin_lock_irqsave. One that was armed has switched
    /// interrupts off before.
    /// </summary>
    internal int Acquire(int context, int spinLock, LockContext lockContext, bool isArmed = false)
    {
        bool isInner = IsInner(spinLock);
        if (_tasks.MostLocks(context, isInner) is > 0 and int most)
            throw TooMany(context, spinLock, most);

        _memory.Set(spinLock, context + 1);
        _tasks.AddLocks(context, 1, isInner);
        _tasks.AddPreemptCount(context, _preemptOffset);
        int flags = lockContext == LockContext.Plain || isArmed ? 0 : Disable(context, lockContext);
        if (_tracksUse)
            NoteUse(context, spinLock);

        return flags;
    }

    private KernelMisuseException TooMany(int context, int spinLock, int most) => new(
        $"{_reports.NameOf(context)} takes {NameOf(spinLock)} while it holds {most} "
        + $"{(IsInner(spinLock) ? "inner " : "")}locks, and can hold no more");

    /// <summary>Takes a lock if it is free: 1 if it was.</summary>
    internal int TryAcquire(int context, int spinLock)
    {
        if (_memory[spinLock] != 0)
            return 0;

        Acquire(context, spinLock, LockContext.Plain);
        return 1;
    }

    internal void Release(int context, int spinLock, LockContext lockContext, int flags)
    {
        if (_memory[spinLock] != context + 1 && _checks)
        {
            _reports.Report(
                FailureClass.LockMisuse,
                $"{_reports.NameOf(context)} releases {NameOf(spinLock)}, which {Holder(spinLock)}");
            return;
        }

        _memory.Set(spinLock, 0);
        _tasks.AddLocks(context, -1, IsInner(spinLock));
        if (lockContext is LockContext.Irq or LockContext.IrqSave)
            _cpus.SetIrqsDisabled(_tasks.Cpu(context), lockContext == LockContext.IrqSave && flags != 0);
        else if (lockContext == LockContext.BottomHalf)
            _tasks.AddPreemptCount(context, -PreemptCount.SoftirqOffset);

        _tasks.AddPreemptCount(context, -_preemptOffset);
    }

    /// <summary>The first step of a lock that is armed before it is spun for: it is announced again, armed.</summary>
    internal void Arm(int context, Operation arming)
    {
        if ((LockContext)arming.Argument == LockContext.BottomHalf)
            _tasks.AddPreemptCount(context, PreemptCount.SoftirqOffset);
        else
            _cpus.SetIrqsDisabled(_tasks.Cpu(context), true);

        _tasks.Announce(context, arming with { Kind = OperationKind.Acquire, Second = 1 });
    }

    /// <summary>Reports a context that is about to take what it, or whom it has interrupted, holds.</summary>
    internal void CheckSelfDeadlock(int context, int spinLock)
    {
        if (!_checks)
            return;

        // Nobody else can change whether one of these has it, so whoever else has it makes no difference.
        int holder = _memory.Look(spinLock) - 1;
        if (holder < 0)
            return;

        if (holder == context)
        {
            _reports.Report(
                FailureClass.LockMisuse,
                $"{_reports.NameOf(context)} takes {NameOf(spinLock)}, which it holds already: it spins for ever"
                + $"\n  in {_reports.RunningChain()}");
        }
        else if (context >= _tasks.Count && _interrupts.RunsOnTopOf(context, holder))
        {
            _reports.Report(
                FailureClass.LockMisuse,
                $"{_reports.NameOf(context)} takes {NameOf(spinLock)}, which {_reports.NameOf(holder)} holds, "
                + $"whom it has interrupted: it spins for ever\n  in {_reports.RunningChain()}");
        }
    }

    /// <summary>"nobody holds" or "task 1 holds", for messages.</summary>
    internal string Holder(int spinLock) =>
        _memory[spinLock] == 0 ? "nobody holds" : $"{_reports.NameOf(HolderOf(spinLock))} holds";

    private int Disable(int context, LockContext lockContext)
    {
        if (lockContext == LockContext.BottomHalf)
        {
            _tasks.AddPreemptCount(context, PreemptCount.SoftirqOffset);
            return 0;
        }

        int cpu = _tasks.Cpu(context);
        bool wereDisabled = _cpus.IrqsDisabled(cpu);
        _cpus.SetIrqsDisabled(cpu, true);
        return wereDisabled ? 1 : 0;
    }

    /// <summary>
    /// A lock that interrupt handlers take must never be held while such an interrupt can come: the handler would spin
    /// for ever on top of the holder. The two uses need not meet in this execution to be wrong together.
    /// </summary>
    private void NoteUse(int context, int spinLock)
    {
        ref int uses = ref _memory[spinLock + 1];
        uses |= (int)UseBy(context);
        if (!_checks)
            return;

        var seen = (Uses)uses;
        bool isHard = (seen & (Uses.InHardIrq | Uses.HardIrqsOn)) == (Uses.InHardIrq | Uses.HardIrqsOn);
        bool isSoft = (seen & (Uses.InSoftIrq | Uses.SoftIrqsOn)) == (Uses.InSoftIrq | Uses.SoftIrqsOn);
        if (isHard || isSoft)
        {
            string kind = isHard ? "hard" : "soft";
            _reports.Report(
                FailureClass.LockMisuse,
                $"{NameOf(spinLock)} is taken in {kind} interrupts, and elsewhere while such an interrupt may come"
                + $"\n  second by {_reports.NameOf(context)} in {_reports.RunningChain()}");
        }
    }

    private Uses UseBy(int context)
    {
        InterruptKind? handler = _interrupts.SourceOf(context)?.Kind;
        if (handler == InterruptKind.Hard)
            return Uses.InHardIrq;

        Uses uses = handler == InterruptKind.Soft ? Uses.InSoftIrq : Uses.None;
        if (_cpus.IrqsDisabled(_tasks.Cpu(context)))
            return uses;

        bool isSoftOff = PreemptCount.IsInInterrupt(_tasks.PreemptCount(context));
        return uses | Uses.HardIrqsOn | (isSoftOff ? Uses.None : Uses.SoftIrqsOn);
    }

    private string NameOf(int spinLock) => _reports.NameOfWord(spinLock);
}
