using Kmaplab.Allocator.Settings;
using Kmaplab.Scheduler.Detection;
using Kmaplab.Scheduler.Exploration;
using Kmaplab.Scheduler.Scenarios;
using Kmaplab.Scheduler.Settings;

namespace Kmaplab.Stress.Selfcheck;

/// <summary>Draws experiments: a scenario, small sizes, and every other time a variant.</summary>
internal static class RandomPairs
{
    /// <summary>Experiment number so many of the family that the seed names.</summary>
    internal static Experiment Draw(ScenarioCatalogue catalogue, ulong seed, int number)
    {
        var random = new Pcg32(seed, (uint)number | (2UL << 40));
        for (; ; )
        {
            ScenarioEntry scenario = catalogue.Scenarios[random.Next(catalogue.Scenarios.Count)];
            string? variant =
                random.Next(2) == 0 ? null : catalogue.Variants[random.Next(catalogue.Variants.Count)].Name;
            SizeRequest size = DrawSize(ref random, scenario.Attribute);
            try
            {
                Experiment experiment = catalogue.Resolve(scenario.Name, variant, size);
                experiment.Boot();
                return experiment;
            }
            catch (UsageException)
            {
                // A size that the scenario refuses, or a port that it does not have: the next.
            }
        }
    }

    private static SizeRequest DrawSize(ref Pcg32 random, ScenarioAttribute scenario)
    {
        bool hasScript = scenario.Uses.HasFlag(SizeParts.Script);
        int tasks = Math.Max(scenario.TasksMin, 1 + random.Next(3));
        int rounds = random.Next(4);
        var size = new SizeRequest
        {
            Tasks = tasks,
            Slots = 1 << random.Next(3),
            Pages = 1 + random.Next(3),
            Cpus = random.Next(3) == 0 ? 1 + random.Next(2) : null,
            Rounds =
                rounds < 2 && scenario.AnyRounds ? ScenarioSize.AnyRounds
                : rounds == 3 ? ScenarioSize.Forever
                : 1 + (rounds & 1),
            Depth = 1 + random.Next(2),
            Script = hasScript ? string.Join(" | ", DrawScript(ref random), DrawScript(ref random)) : null,
        };
        string release = KernelRelease.All[random.Next(KernelRelease.All.Count)].Name;
        string debugHighmem = random.Next(4) == 0 ? SwitchParameter.On : SwitchParameter.Off;
        size = size with { Preempt = random.Next(4) != 0 };
        return size.And(ParameterSetting.OfOption(KmapParameters.Release, release))
            .And(ParameterSetting.OfOption(KmapParameters.DebugHighmem, debugHighmem));
    }

    // Maps, uses and unmaps a page or two; now and then it forgets to unmap, or does so twice.
    private static string DrawScript(ref Pcg32 random)
    {
        var words = new List<string>();
        for (int left = 1 + random.Next(2); left > 0; left--)
        {
            char page = "ABC"[random.Next(3)];
            words.Add($"m{page} u{page}");
            int unmaps = random.Next(12) switch { 0 => 0, 1 => 2, _ => 1 };
            words.AddRange(Enumerable.Repeat($"x{page}", unmaps));
        }

        return string.Join(' ', words);
    }
}
