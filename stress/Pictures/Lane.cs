namespace Kmaplab.Stress.Pictures;

/// <summary>What a lane shows over time.</summary>
internal enum LaneKind
{
    /// <summary>A CPU: which context it runs.</summary>
    Cpu,

    /// <summary>A task, or an interrupt on a CPU: what it does.</summary>
    Context,

    /// <summary>A spin lock: who holds it.</summary>
    Lock,
}

/// <summary>What a span says.</summary>
internal enum SpanKind
{
    /// <summary>A CPU runs a context, or a context has a CPU and can go on.</summary>
    Running,

    /// <summary>It spins for a lock.</summary>
    Spinning,

    /// <summary>It waits for a word, or for answers of other CPUs.</summary>
    Waiting,

    /// <summary>It sleeps.</summary>
    Asleep,

    /// <summary>It is runnable and has no CPU.</summary>
    Ready,

    /// <summary>An interrupt runs on top of it.</summary>
    Interrupted,

    /// <summary>It has hit a BUG.</summary>
    Dead,

    /// <summary>A lock is held.</summary>
    Held,

    /// <summary>Interrupts are off on a CPU.</summary>
    IrqsOff,

    /// <summary>preempt_count of a context is not 0.</summary>
    PreemptOff,

    /// <summary>A CPU owes an answer to a TLB shootdown.</summary>
    OwesFlush,
}

/// <summary>
/// Something that lasts, in moments: moment n is after n steps, so step n lies between the moments n - 1 and n.
/// </summary>
/// <param name="From">The moment at which it begins.</param>
/// <param name="To">The moment at which it has ended, or the one after the last.</param>
/// <param name="Kind">What it says.</param>
/// <param name="Label">About what: a context, a lock, a queue.</param>
internal readonly record struct Span(int From, int To, SpanKind Kind, string Label);

/// <summary>A row of a picture.</summary>
/// <param name="Kind">What it shows.</param>
/// <param name="Number">The number of the CPU or context; of locks, counted from 0.</param>
/// <param name="Name">What it is called.</param>
/// <param name="Spans">What lasts, in the order in which it begins; of different kinds they may overlap.</param>
internal sealed record Lane(LaneKind Kind, int Number, string Name, IReadOnlyList<Span> Spans);
