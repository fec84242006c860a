using System.Globalization;

namespace Kmaplab.Scheduler.Simulation.Hardware;

/// <summary>One thing that may happen next: the unit of choice. The list of those picked is the schedule.</summary>
/// <remarks>
/// From the lowest: 6 bits of argument, 6 bits of CPU or context, 4 bits of kind; on large machines, above them, 10
/// more bits of CPU or context and 6 more of the argument. So what has small numbers has a code of 16 bits.
/// </remarks>
public readonly record struct Transition(uint Code)
{
    /// <summary>The most contexts, and the most CPUs, that a transition can name.</summary>
    public const int MaxContexts = 1 << (LowBits + HighSubjectBits);

    /// <summary>The most contexts that can share CPUs: a dispatch names two numbers.</summary>
    public const int MaxDispatched = 1 << (LowBits + HighArgumentBits);

    /// <summary>A machine with no more contexts and CPUs has only codes of 16 bits.</summary>
    public const int MaxSmall = 1 << LowBits;

    /// <summary>The most outcomes that a choice can have.</summary>
    public const int MaxOutcomes = 64;

    private const int LowBits = 6;
    private const int LowMask = (1 << LowBits) - 1;
    private const int KindBits = 4;
    private const int HighSubjectBits = 10;
    private const int HighArgumentBits = 6;
    private const int SmallBits = (2 * LowBits) + KindBits;

    /// <summary>What happens.</summary>
    public TransitionKind Kind => (TransitionKind)((Code >> (2 * LowBits)) & ((1 << KindBits) - 1));

    /// <summary>The context that is stepped, or the CPU that dispatches, is preempted or interrupted.</summary>
    public int Subject =>
        (int)(((Code >> LowBits) & LowMask) | (((Code >> SmallBits) & ((1 << HighSubjectBits) - 1)) << LowBits));

    /// <summary>The context that is dispatched, the interrupt that fires, or the outcome of a choice.</summary>
    public int Argument => (int)((Code & LowMask) | ((Code >> (SmallBits + HighSubjectBits)) << LowBits));

    /// <summary>Whether a context performs its pending operation, be it a choice or not.</summary>
    public bool IsStep => Kind is TransitionKind.Step or TransitionKind.Choose;

    /// <summary>Whether this context performs its pending operation.</summary>
    public bool IsStepOf(int context) => IsStep && Subject == context;

    /// <summary>A context performs its pending operation and runs on to its next one.</summary>
    public static Transition Step(int context) =>
        new(((uint)(context & LowMask) << LowBits) | ((uint)(context >> LowBits) << SmallBits));

    /// <summary>An idle CPU picks a runnable task.</summary>
    public static Transition Dispatch(int cpu, int context) => Make(TransitionKind.Dispatch, cpu, context);

    /// <summary>A CPU takes its task off, although it could run on.</summary>
    public static Transition Preempt(int cpu) => Make(TransitionKind.Preempt, cpu, 0);

    /// <summary>A CPU takes an interrupt.</summary>
    public static Transition Interrupt(int cpu, int interrupt) => Make(TransitionKind.Interrupt, cpu, interrupt);

    /// <summary>A CPU answers a TLB shootdown.</summary>
    public static Transition Acknowledge(int cpu) => Make(TransitionKind.Acknowledge, cpu, 0);

    /// <summary>A context that stands before a choice goes on with one of its outcomes, from 0.</summary>
    public static Transition Choose(int context, int outcome) => Make(TransitionKind.Choose, context, outcome);

    /// <summary>The same transition of a context of another number; for transitions that are steps.</summary>
    public Transition WithSubject(int context) => Make(Kind, context, Argument);

    /// <summary>Reads what <see cref="ToString"/> writes.</summary>
    public static bool TryParse(ReadOnlySpan<char> text, out Transition transition)
    {
        transition = default;
        if (text.IsEmpty)
            return false;

        TransitionKind kind = text[0] switch
        {
            'd' => TransitionKind.Dispatch,
            'p' => TransitionKind.Preempt,
            'i' => TransitionKind.Interrupt,
            'a' => TransitionKind.Acknowledge,
            'c' => TransitionKind.Choose,
            _ => TransitionKind.Step,
        };
        ReadOnlySpan<char> numbers = kind == TransitionKind.Step ? text : text[1..];
        int colon = numbers.IndexOf(':');
        bool wantsArgument = kind is TransitionKind.Dispatch or TransitionKind.Interrupt or TransitionKind.Choose;
        if (wantsArgument != colon >= 0)
            return false;

        int argument = 0;
        if (!TryNumber(wantsArgument ? numbers[..colon] : numbers, out int subject)
            || (wantsArgument && !TryNumber(numbers[(colon + 1)..], out argument)))
        {
            return false;
        }

        transition = Make(kind, subject, argument);
        return argument < MaxDispatched;
    }

    /// <summary>A step is the context's number; the others have a letter in front: d0:2, p0, i0:1, a1, c0:1.</summary>
    public override string ToString() => Kind switch
    {
        TransitionKind.Step => Invariant($"{Subject}"),
        TransitionKind.Dispatch => Invariant($"d{Subject}:{Argument}"),
        TransitionKind.Preempt => Invariant($"p{Subject}"),
        TransitionKind.Interrupt => Invariant($"i{Subject}:{Argument}"),
        TransitionKind.Choose => Invariant($"c{Subject}:{Argument}"),
        _ => Invariant($"a{Subject}"),
    };

    private static bool TryNumber(ReadOnlySpan<char> text, out int number) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out number) && number < MaxContexts;

    private static Transition Make(TransitionKind kind, int subject, int argument) =>
        new(
            Step(subject).Code
            | ((uint)kind << (2 * LowBits))
            | (uint)(argument & LowMask)
            | ((uint)(argument >> LowBits) << (SmallBits + HighSubjectBits)));

    private static string Invariant(FormattableString text) => FormattableString.Invariant(text);
}

/// <summary>The kinds of <see cref="Transition"/>.</summary>
public enum TransitionKind
{
    /// <summary>A context performs its pending operation.</summary>
    Step,

    /// <summary>An idle CPU picks a runnable task.</summary>
    Dispatch,

    /// <summary>A CPU takes its task off, although it could run on.</summary>
    Preempt,

    /// <summary>A CPU takes an interrupt.</summary>
    Interrupt,

    /// <summary>A CPU answers a TLB shootdown.</summary>
    Acknowledge,

    /// <summary>
    /// A context that stands before a choice takes one of its outcomes, and runs on to its next operation.
    /// </summary>
    Choose,
}
