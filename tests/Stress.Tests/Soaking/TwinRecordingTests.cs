using System.Reflection;
using Kmaplab.Allocator;
using Kmaplab.Scheduler.Coroutines.Plain;
using Kmaplab.Scheduler.Detection;
using Kmaplab.Scheduler.Recordings;
using Kmaplab.Scheduler.Scenarios;
using Kmaplab.Scheduler.Schedules;
using Kmaplab.Scheduler.Simulation.Operations;
using Kmaplab.Scheduler.Threads;
using Kmaplab.Scheduler.Threads.Orders;
using Kmaplab.Scheduler.Threads.Tasks;
using Kmaplab.Stress.Scenarios;
using Kmaplab.Stress.Soaking;
using Kernel = Kmaplab.Scheduler.Threads.ThreadKernel<Kmaplab.Stress.Tests.Soaking.TwinRecordingTests.Twins>;

namespace Kmaplab.Stress.Tests.Soaking;

/// <summary>
/// What the plain twins of the port and of the scenarios do is recorded, and done again by the functions themselves on
/// the simulated machine: the same operations in the same order, with the same results, up to the same words.
/// </summary>
public sealed class TwinRecordingTests
{
    private const int Attempts = 5; // A variant's access without a lock may have come at any time.

    private static readonly ScenarioCatalogue s_catalogue = new(typeof(Churn<>).Assembly);

    // On threads an address leads where the page table says; what a page contains in the end may differ.
    private static readonly HashSet<string> s_aboutTlbs =
    [
        .. s_catalogue.Races
            .Where(race => race.Attribute.Shows == FailureClass.StaleTlb)
            .Select(race => race.Experiment.Variant?.Name)
            .OfType<string>(),
    ];

    /// <summary>Scenarios that threads can show, and for each variant of the port three of them.</summary>
    public static TheoryData<string, string?> Programs
    {
        get
        {
            var programs = new TheoryData<string, string?>();
            foreach (ScenarioEntry scenario in s_catalogue.Scenarios.Where(scenario => IsShown(scenario.Name, null)))
                programs.Add(scenario.Name, null);

            foreach (VariantEntry variant in s_catalogue.Variants.Where(variant => !s_aboutTlbs.Contains(variant.Name)))
            {
                foreach (string scenario in new[] { "churn", "shared", "exhaust" })
                {
                    if (IsShown(scenario, variant.Name))
                        programs.Add(scenario, variant.Name);
                }
            }

            return programs;
        }
    }

    [Fact]
    public void There_is_something_to_run() => Assert.True(Programs.Count > 60, $"{Programs.Count}");

    [Theory]
    [MemberData(nameof(Programs))]
    public void What_twins_do_their_functions_do_too(string scenario, string? variant)
    {
        Experiment experiment = Resolve(scenario, variant);

        // A hang may be called otherwise on the simulated machine: that is done again by nobody.
        if (WhyNotDoneAgain<Twins>(experiment) is { } why)
            Assert.True(WhyNotDoneAgain<CheckedMode>(experiment) is not null, $"{experiment.Name}: {why}");
    }

    [Fact]
    public void Every_twin_of_the_port_and_the_scenarios_is_entered_by_its_function()
    {
        MethodInfo[] twins =
        [
            .. new[] { typeof(HighMemory<>).Assembly, typeof(Churn<>).Assembly }
                .SelectMany(assembly => assembly.GetTypes())
                .Where(type => type.GetGenericArguments() is [{ Name: "TKernel" }])
                .Select(type => type.MakeGenericType(typeof(Kernel)))
                .SelectMany(type => type.GetMethods(
                    BindingFlags.Instance | BindingFlags.Static | BindingFlags.Public | BindingFlags.NonPublic
                    | BindingFlags.DeclaredOnly))
                .Where(method => method.GetCustomAttribute<PlainTwinAttribute>() is not null),
        ];

        Assert.True(twins.Length > 90, $"{twins.Length}");
        Assert.Empty(twins.Where(twin => !IsEntered(twin)).Select(twin => $"{twin.DeclaringType}.{twin.Name}"));
    }

    // Of some runs, which all are recorded and replayed; null as soon as one is done again.
    private static string? WhyNotDoneAgain<TMode>(Experiment experiment)
        where TMode : struct, IThreadMode
    {
        string why = "";
        for (ulong seed = 1; seed <= Attempts; seed++)
        {
            using ThreadMachine machine = Boot<TMode>(experiment, seed);
            ThreadRun run = machine.Run(stop: TestContext.Current.CancellationToken);
            RecordingReport report = Replay(experiment, machine.TakeRecording(run), run.Finding);
            if (report.Reproduced)
                return null;

            why = report.Divergence ?? report.DifferentWord ?? report.Finding?.Message ?? "it does not say why";
        }

        return why;
    }

    private static bool IsEntered(MethodInfo twin)
    {
        Type machine = Functions.StateMachineOfTwin(twin)!.MakeGenericType(typeof(Kernel));
        Type result = twin.ReturnType == typeof(void) ? typeof(bool) : twin.ReturnType;
        Type entry = typeof(PlainEntry<,>).MakeGenericType(machine, result);
        return entry.GetField("Twin", BindingFlags.Static | BindingFlags.NonPublic)!.GetValue(null) is not null;
    }

    private static Experiment Resolve(string scenario, string? variant) =>
        s_catalogue.Resolve(scenario, variant, new SizeRequest { Rounds = 2 });

    private static bool IsShown(string scenario, string? variant)
    {
        try
        {
            Experiment experiment = Resolve(scenario, variant);
            ThreadTarget.Require(scenario, experiment, race: null);
            Boot<Twins>(experiment, seed: 1).Dispose();
            return true;
        }
        catch (UsageException)
        {
            return false;
        }
    }

    private static ThreadMachine Boot<TMode>(Experiment experiment, ulong seed)
        where TMode : struct, IThreadMode
    {
        Scenario<ThreadKernel<TMode>> scenario = experiment.Create<ThreadKernel<TMode>>();
        var options = new ThreadOptions
        {
            Name = experiment.Name,
            Preempt = experiment.Preempt,
            Seed = seed,
            Jitter = true,
            Records = true,
        };
        return ThreadMachine.Boot<TMode>(options, boot => scenario.Boot(boot, experiment.Size));
    }

    private static RecordingReport Replay(Experiment experiment, ThreadRecording run, Finding? finding)
    {
        Experiment onMachine = experiment with { Points = SchedulingPoints.All };
        Schedule header = onMachine.NewSchedule(Recording.Strategy, seed: 1).With(finding);
        return new RecordingReplay(onMachine.Boot(), new Recording(header, run)).Run();
    }

    /// <summary>All checks, and twins all the same.</summary>
    internal readonly struct Twins : IThreadMode
    {
        /// <inheritdoc/>
        public static bool Checks => true;

        /// <inheritdoc/>
        public static bool RunsAtOnce => true;
    }
}
