using Kmaplab.Scheduler.Coroutines;
using Kmaplab.Scheduler.Detection;
using Kmaplab.Scheduler.Kernel;

namespace Kmaplab.Scheduler.Scenarios;

/// <summary>
/// Boots a machine for one experiment: lays out what it needs, spawns its tasks, says what must hold at the end.
/// </summary>
/// <remarks>
/// A scenario is written once over the kernel's type and runs on every kernel. Its object is made at boot; <b>whatever
/// changes while tasks run lives in kernel memory</b> (<see cref="Shared{TKernel}"/>,
/// <see cref="SharedArray{TKernel}"/>, wait queues, locks). A search saves, restores and compares kernel memory and the
/// locals of tasks, and nothing else: a field, a captured variable, an element of a C# array or list, or a static field
/// that a task or a check changes would make verdicts false. So would a clock or a random number, also at boot. All of
/// these are looked for, and reported as <see cref="FailureClass.Nondeterminism"/> with their names.
/// </remarks>
[KernelObject]
public abstract class Scenario<TKernel>
    where TKernel : struct, IKernel
{
    /// <summary>The number of tasks that <see cref="Boot"/> will spawn.</summary>
    public virtual int Tasks(ScenarioSize size) => size.Tasks;

    /// <summary>The number of interrupts that <see cref="Boot"/> will attach.</summary>
    public virtual int Interrupts(ScenarioSize size) => 0;

    /// <summary>The number of page frames that <see cref="Boot"/> will declare.</summary>
    public virtual int Pages(ScenarioSize size) => size.Pages;

    /// <summary>
    /// Puts a variant into the place of the port; called before <see cref="Boot"/>, with a type that is closed over the
    /// kernel.
    /// </summary>
    public virtual void UseVariant(Type variant) =>
        throw new UsageException($"{GetType().Name} has no port that a variant could replace");

    /// <summary>Lays out the machine and spawns the tasks.</summary>
    public abstract void Boot(IKernelBoot<TKernel> boot, ScenarioSize size);
}

/// <summary>Registers a scenario, like the kernel's initcalls: whatever carries it is found by itself.</summary>
/// <param name="name">The name by which users ask for it.</param>
/// <param name="summary">What it does, in one sentence.</param>
[AttributeUsage(AttributeTargets.Class)]
public sealed class ScenarioAttribute(string name, string summary) : Attribute
{
    /// <summary>The name by which users ask for it.</summary>
    public string Name { get; } = name;

    /// <summary>What it does, in one sentence.</summary>
    public string Summary { get; } = summary;

    /// <summary>The parts of the size that it uses; it ignores the others.</summary>
    public SizeParts Uses { get; init; } =
        SizeParts.Tasks | SizeParts.Slots | SizeParts.Pages | SizeParts.Rounds | SizeParts.Cpus;

    /// <summary>Tasks unless asked otherwise.</summary>
    public int Tasks { get; init; } = 2;

    /// <summary>The fewest tasks that make sense.</summary>
    public int TasksMin { get; init; } = 1;

    /// <summary>Slots unless asked otherwise.</summary>
    public int Slots { get; init; } = 2;

    /// <summary>Pages unless asked otherwise; 0 for as many as the other sizes need.</summary>
    public int Pages { get; init; }

    /// <summary>CPUs unless asked otherwise; 0 for one per task.</summary>
    public int Cpus { get; init; }

    /// <summary>Rounds unless asked otherwise.</summary>
    public int Rounds { get; init; } = 1;

    /// <summary>
    /// Each round may be the last if somebody asks for that (<see cref="ScenarioSize.AnyRounds"/>), as a proof does
    /// unless told otherwise: its tasks await <see cref="RoundsLeft.Next{TKernel}"/>.
    /// </summary>
    public bool AnyRounds { get; init; }

    /// <summary>
    /// Its tasks, when all have ended, can begin again on the memory that they have left: nothing there says that they
    /// are over. A soak on threads then goes on for as long as it likes, and has not to boot again and again.
    /// </summary>
    public bool BeginsAgain { get; init; }

    /// <summary>Mappings held at once unless asked otherwise.</summary>
    public int Depth { get; init; } = 1;

    /// <summary>
    /// TLB flushes are interrupts that other CPUs must answer (<see cref="Simulation.MachineOptions.Shootdown"/>).
    /// </summary>
    public bool Shootdown { get; init; }

    /// <summary>What each task does unless told otherwise, for scenarios that are told so.</summary>
    public string Script { get; init; } = "";

    /// <summary>
    /// It is one of the scenarios that a program lists; not so where users name something else, which stands for it.
    /// </summary>
    public bool IsListed { get; init; } = true;
}

/// <summary>Registers a variant of the port: a subclass that overrides one kernel function.</summary>
/// <param name="name">The name by which users ask for it.</param>
/// <param name="summary">What is changed, in one sentence.</param>
[AttributeUsage(AttributeTargets.Class)]
public sealed class VariantAttribute(string name, string summary) : Attribute
{
    /// <summary>The name by which users ask for it.</summary>
    public string Name { get; } = name;

    /// <summary>What is changed, in one sentence.</summary>
    public string Summary { get; } = summary;

    /// <summary>The change does no harm, and must not be reported.</summary>
    public bool IsBenign { get; init; }
}
