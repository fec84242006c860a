using System.Reflection;
using Kmaplab.Allocator;
using Kmaplab.Scheduler.Detection;
using Kmaplab.Scheduler.Kernel;
using Kmaplab.Scheduler.Scenarios;
using Kmaplab.Stress.Scenarios;

namespace Kmaplab.CoyoteTests;

/// <summary>All experiments that the tests go through: whatever is registered in the program, or here, is found by itself.</summary>
internal static class Trials
{
    private static readonly Type[] s_types = [.. typeof(Churn<>).Assembly.GetTypes(), .. typeof(Trials).Assembly.GetTypes()];

    /// <summary>Every scenario with the port as it should be.</summary>
    public static IReadOnlyList<Trial> Correct { get; } = [.. CorrectScenarios()];

    /// <summary>Everything that must fail, with the smallest sizes that show it.</summary>
    public static IReadOnlyList<Trial> Failing { get; } =
    [
        Fails("nested", null, new ScenarioSize { Tasks = 2, Slots = 2, Depth = 2 }, FailureClass.Deadlock),
        Fails("shared", "no-recheck", new ScenarioSize { Tasks = 3, Slots = 2, Pages = 3 }, FailureClass.DoubleMapping),
        Fails("churn", "no-wakeup", new ScenarioSize { Tasks = 3, Slots = 2, Pages = 3 }, FailureClass.LostWakeup),
        Fails("churn", "queue-after-unlock", new ScenarioSize { Tasks = 3, Slots = 2, Pages = 3 }, FailureClass.LostWakeup),
        Fails("shared", "no-tlb-flush", new ScenarioSize { Tasks = 2, Slots = 2, Pages = 3 }, FailureClass.StaleTlb),
        Fails("churn", "unlocked-unmap", new ScenarioSize { Tasks = 2, Slots = 2, Pages = 2 }, FailureClass.DataRace),
        Fails("churn", "forgotten-unmap", new ScenarioSize { Tasks = 2, Slots = 4, Pages = 2 }, FailureClass.Leak),
        Fails("churn", "unmap-twice", new ScenarioSize { Tasks = 2, Slots = 4, Pages = 2 }, FailureClass.BugOn),
    ];

    /// <summary>The names of those that Coyote can express.</summary>
    public static IEnumerable<string> Names(IEnumerable<Trial> trials) =>
        trials.Where(trial => trial.IsExpressible).Select(trial => trial.Name);

    /// <summary>The trial of that name.</summary>
    public static Trial Named(string name) => Correct.Concat(Failing).First(trial => trial.Name == name);

    /// <summary>A scenario for some kernel, with a variant in it if one is given.</summary>
    public static Scenario<TKernel> Create<TKernel>(Type scenario, Type? variant)
        where TKernel : struct, IKernel
    {
        var made = (Scenario<TKernel>)Activator.CreateInstance(scenario.MakeGenericType(typeof(TKernel)))!;
        if (variant is null)
            return made;

        Type closed = variant.MakeGenericType(typeof(TKernel));
        Func<IKernelBoot<TKernel>, KmapConfig, HighMemory<TKernel>> port =
            (boot, config) => (HighMemory<TKernel>)Activator.CreateInstance(closed, boot, config)!;
        typeof(KmapScenario<TKernel>).GetProperty(nameof(KmapScenario<>.Port))!.SetValue(made, port);
        return made;
    }

    private static IEnumerable<Trial> CorrectScenarios()
    {
        foreach (Type type in s_types)
        {
            if (type.GetCustomAttribute<ScenarioAttribute>() is not { } scenario)
                continue;

            var size = new ScenarioSize
            {
                Tasks = scenario.Tasks,
                Slots = scenario.Slots,
                Pages = scenario.Pages,
                Cpus = scenario.Cpus,
                Rounds = scenario.Rounds,
                Depth = scenario.Depth,
            };
            while (size.Tasks * (size.Depth - 1) >= size.Slots)
                size = size with { Slots = size.Slots * 2 }; // With fewer, nested mappings deadlock.

            yield return new Trial(scenario.Name, type, null, size);
        }
    }

    private static Trial Fails(string scenario, string? variant, ScenarioSize size, FailureClass shows) => new(
        $"{scenario}+{variant ?? shows.Name()}",
        s_types.Single(type => type.GetCustomAttribute<ScenarioAttribute>()?.Name == scenario),
        variant is null ? null : s_types.Single(type => type.GetCustomAttribute<VariantAttribute>()?.Name == variant),
        size,
        shows);
}
