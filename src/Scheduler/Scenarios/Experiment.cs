using System.IO.Hashing;
using Kmaplab.Scheduler.Coroutines.Source;
using Kmaplab.Scheduler.Detection;
using Kmaplab.Scheduler.Detectors;
using Kmaplab.Scheduler.Settings;
using Kmaplab.Scheduler.Simulation;
using Kmaplab.Scheduler.Simulation.Hardware;
using Kmaplab.Scheduler.Simulation.Memory;
using Kmaplab.Scheduler.Simulation.Operations;
using Kmaplab.Scheduler.Simulation.Running;

namespace Kmaplab.Scheduler.Scenarios;

/// <summary>What is run: a scenario, the variant of the port in it if any, and what the scenario was told.</summary>
/// <param name="Scenario">The scenario.</param>
/// <param name="Variant">The variant of the port; null for the port itself.</param>
/// <param name="Parameters">A value for each parameter that the scenario takes, in their order.</param>
public sealed record Experiment(ScenarioEntry Scenario, VariantEntry? Variant, Parameters Parameters)
{
    /// <summary>CONFIG_PREEMPT.</summary>
    public bool Preempt { get; init; } = true;

    /// <summary>Where tasks stop.</summary>
    public SchedulingPoints Points { get; init; } = SchedulingPoints.Observable;

    /// <summary>Other memory to begin with than what is booted; empty for none.</summary>
    public IReadOnlyList<NamedWords> Start { get; init; } = [];

    /// <summary>The detectors of modules, which watch beside the standard ones.</summary>
    public IReadOnlyList<DetectorEntry> Detectors { get; init; } = [];

    /// <summary>Who sees from outside whether the scenario's code comes back; null for nobody.</summary>
    public CallWatch? Watch { get; init; }

    /// <summary>The experiment's name for people: the scenario's, and after a + the variant's.</summary>
    public string Name => Variant is null ? Scenario.Name : $"{Scenario.Name}+{Variant.Name}";

    /// <summary>
    /// How big that makes it. Sizes that the scenario does not take are what it really has, so that reports say the
    /// truth.
    /// </summary>
    public ScenarioSize Size
    {
        get
        {
            ScenarioSize size = Scenario.Parameters.SizeOf(Parameters);
            Scenario<SimulatedKernel> made = Create<SimulatedKernel>();
            if ((Scenario.Attribute.Uses & SizeParts.Tasks) == 0)
                size = size with { Tasks = Ask(nameof(made.Tasks), () => made.Tasks(size)) };

            if ((Scenario.Attribute.Uses & SizeParts.Pages) == 0 || size.Pages == 0)
                size = size with { Pages = Ask(nameof(made.Pages), () => made.Pages(size)) };

            return size;

            int Ask(string question, Func<int> answer) => ScenarioCatalogue.Ask(Scenario, question, answer);
        }
    }

    /// <summary>The machine that the experiment needs.</summary>
    public MachineOptions Options => new()
    {
        Cpus = Scenario.Parameters.SizeOf(Parameters).Cpus,
        Preempt = Preempt,
        Shootdown = Scenario.Attribute.Shootdown,
        Points = Points,
        Name = Name,
        Watch = Watch,
    };

    /// <summary>
    /// A hash of the code that runs: the assemblies of the scenario, the port, the variant, the detectors and the
    /// simulator.
    /// </summary>
    public ulong Build
    {
        get
        {
            var modules = new SortedSet<Guid> { typeof(Experiment).Module.ModuleVersionId };
            for (Type? type = Scenario.Definition; type is not null && type != typeof(object); type = type.BaseType)
                modules.Add(type.Module.ModuleVersionId);

            for (Type? type = Variant?.Definition; type is not null && type != typeof(object); type = type.BaseType)
                modules.Add(type.Module.ModuleVersionId);

            foreach (DetectorEntry detector in Detectors)
                modules.Add(detector.Definition.Module.ModuleVersionId);

            return XxHash64.HashToUInt64([.. modules.SelectMany(module => module.ToByteArray())]);
        }
    }

    /// <summary>
    /// The same, of code that the JIT leaves as it is written: slower, but a trace of it has a line for everything, and
    /// is the same each time.
    /// </summary>
    public Experiment Unoptimized() => this with
    {
        Scenario = Scenario with { Definition = UnoptimizedCode.Of(Scenario.Definition) },
        Variant = Variant is null ? null : Variant with { Definition = UnoptimizedCode.Of(Variant.Definition) },
        Detectors =
        [
            .. Detectors.Select(entry => entry with { Definition = UnoptimizedCode.Of(entry.Definition) }),
        ],
    };

    /// <summary>Boots the scenario on a simulated machine with all detectors.</summary>
    /// <exception cref="UsageException">The sizes do not fit a machine.</exception>
    public MachineImage Boot()
    {
        ScenarioSize size = Size;
        Scenario<SimulatedKernel> scenario = Create<SimulatedKernel>();
        int tasks = ScenarioCatalogue.Ask(Scenario, nameof(scenario.Tasks), () => scenario.Tasks(size));
        int interrupts = ScenarioCatalogue.Ask(Scenario, nameof(scenario.Interrupts), () => scenario.Interrupts(size));
        int cpus = size.Cpus == 0 ? tasks : size.Cpus;
        int contexts = tasks + (interrupts * cpus);
        if (tasks < 1 || interrupts < 0)
            throw new UsageException(
                $"{Name} ({Scenario.Definition.FullName}) has {tasks} tasks and {interrupts} interrupts: a scenario "
                + "has at least one task");

        bool hasOwnCpus = size.Cpus == 0 && interrupts == 0 && !Scenario.Attribute.Shootdown;
        int contextsMax = hasOwnCpus ? Transition.MaxContexts : Transition.MaxDispatched;
        if (contexts > contextsMax)
            throw new UsageException(
                $"{tasks} tasks and {interrupts} interrupts on {cpus} CPUs make {contexts} contexts: a machine has at "
                + $"most {contextsMax}");

        IReadOnlyList<Detector> detectors =
        [
            .. StandardDetectors.Create(),
            .. Detectors.Select(entry => entry.Create()),
        ];
        try
        {
            MachineImage image =
                MachineBuilder.Boot(tasks, interrupts, Options, detectors, boot => scenario.Boot(boot, size));
            return Start.Count == 0 ? image : image.BeginningWith(Start);
        }
        catch (Exception exception) when (exception is not (UsageException or OutOfMemoryException))
        {
            throw CannotBoot(exception);
        }
    }

    /// <summary>
    /// What a scenario's own code, or the variant's, has thrown before a task ran: its author wants to know where.
    /// </summary>
    private UsageException CannotBoot(Exception exception)
    {
        string module = Scenario.Definition.Assembly.GetName().Name!;
        exception = exception is TypeInitializationException { InnerException: { } cause } ? cause : exception;
        string what =
            exception is Coroutines.KernelMisuseException
                ? exception.Message
                : $"{exception.GetType().Name}: {exception.Message}";
        return new UsageException($"{Name} ({Scenario.Definition.FullName} in {module}) cannot be booted: {what}");
    }

    /// <summary>The scenario for another kernel, with the variant in it.</summary>
    public Scenario<TKernel> Create<TKernel>()
        where TKernel : struct, Kernel.IKernel => ScenarioCatalogue.Create<TKernel>(Scenario, Variant);
}
