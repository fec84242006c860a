using Kmaplab.Scheduler.Coroutines.Objects;

namespace Kmaplab.Scheduler.Kernel;

/// <summary>A task, by its number from 0.</summary>
public readonly record struct TaskId(int Number)
{
    /// <inheritdoc/>
    public override string ToString() => $"task {Number}";
}

/// <summary>A processor, by its number from 0.</summary>
public readonly record struct CpuId(int Number)
{
    /// <inheritdoc/>
    public override string ToString() => $"CPU {Number}";
}

/// <summary>A page frame of physical memory, by its number from 0.</summary>
[NamesPageFrame]
public readonly record struct PageFrame(int Number)
{
    /// <summary>No frame: what an empty page table entry holds.</summary>
    public static PageFrame None => new(-1);

    /// <summary>Whether this is no frame.</summary>
    public bool IsNone => Number < 0;

    /// <inheritdoc/>
    public override string ToString() => IsNone ? "no frame" : $"frame {Number}";
}

/// <summary>A 32-bit kernel virtual address; 0 is NULL.</summary>
public readonly record struct VirtualAddress(uint Value)
{
    /// <summary>The address that no page has.</summary>
    public static VirtualAddress Null => default;

    /// <summary>Whether this is NULL.</summary>
    public bool IsNull => Value == 0;

    /// <inheritdoc/>
    public override string ToString() => IsNull ? "NULL" : $"0x{Value:x8}";
}

/// <summary>
/// One entry of the kernel page table that the machine was booted with, counted over all mapped regions.
/// </summary>
public readonly record struct VirtualPage(int Index);

/// <summary>
/// Marks a struct whose one int is the number of a page frame, so that a search that renames frames finds it in a
/// task's locals.
/// </summary>
[AttributeUsage(AttributeTargets.Struct)]
public sealed class NamesPageFrameAttribute : RenameableAttribute;

/// <summary>What a spin lock does about interrupts on its CPU (the suffix of the kernel's lock functions).</summary>
public enum LockContext
{
    /// <summary>spin_lock: interrupts as they are.</summary>
    Plain,

    /// <summary>spin_lock_irq: interrupts off, and on again afterwards, whatever they were.</summary>
    Irq,

    /// <summary>spin_lock_irqsave: interrupts off, and back to what they were.</summary>
    IrqSave,

    /// <summary>spin_lock_bh: soft interrupts off.</summary>
    BottomHalf,
}

/// <summary>How a spin lock takes part in the search.</summary>
public enum LockRank
{
    /// <summary>Taking and releasing it are scheduling points.</summary>
    Outer,

    /// <summary>
    /// Protects a few accesses within which no task stops (bucket locks, pool_lock, zone->lock). Taking it is a
    /// scheduling point only where no other lock of the same task already keeps everybody else out, or where one of
    /// those is inner too.
    /// </summary>
    Inner,
}

/// <summary>task_struct.state of Linux 2.6; the values are the bits that a wake-up tests.</summary>
public enum TaskState
{
    /// <summary>TASK_RUNNING: on a run queue or on a CPU.</summary>
    Running = 0,

    /// <summary>TASK_INTERRUPTIBLE: a signal wakes it too.</summary>
    Interruptible = 1,

    /// <summary>TASK_UNINTERRUPTIBLE: only a wake-up ends the sleep.</summary>
    Uninterruptible = 2,
}

/// <summary>What the elements of a region of kernel memory belong to, for canonical forms.</summary>
public enum IndexSort
{
    /// <summary>Nothing that is ever renamed.</summary>
    None,

    /// <summary>An element, or a row of them, per task.</summary>
    Task,

    /// <summary>An element per page frame.</summary>
    Frame,

    /// <summary>A row per task with an element per page frame.</summary>
    TaskAndFrame,
}

/// <summary>What the values in a region of kernel memory mean, for pictures and for canonical forms.</summary>
public enum WordSort
{
    /// <summary>A number.</summary>
    Number,

    /// <summary>A context, stored as its number + 1; 0 is nobody.</summary>
    Context,

    /// <summary>A page frame, stored as its number + 1; 0 is none.</summary>
    Frame,

    /// <summary>A virtual address.</summary>
    Address,

    /// <summary>An element of an array, stored as its index + 1; 0 is none.</summary>
    Record,

    /// <summary>A wait queue: the number of its entries, then the entries.</summary>
    Queue,
}
