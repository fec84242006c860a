using Kmaplab.Scheduler.Detection;
using Kmaplab.Scheduler.Scenarios;
using Kmaplab.Scheduler.Simulation.Running;
using Kmaplab.Stress.Selfcheck.Specimens;

namespace Kmaplab.Stress.Selfcheck;

/// <summary>A mistake, and the same without it.</summary>
/// <param name="Shows">What must be reported, and nothing else.</param>
/// <param name="Wrong">With the mistake.</param>
/// <param name="Right">Without it.</param>
internal sealed record DetectorCase(FailureClass Shows, Experiment Wrong, Experiment Right)
{
    /// <summary>A case for every class of failure.</summary>
    internal static IReadOnlyList<DetectorCase> All(ScenarioCatalogue catalogue) =>
        [
            OfSpecimen(FailureClass.Deadlock, "crossed-locks", typeof(CrossedLocks<>)),
            OfRace(catalogue, "queue-after-unlock"), // lost-wakeup
            OfRace(catalogue, "no-recheck"), // double-mapping
            OfRace(catalogue, "unlocked-lookup"), // use-after-unmap
            OfRace(catalogue, "local-tlb-flush"), // stale-tlb
            OfRace(catalogue, "atomic-shared-slots"), // slot-clobber
            OfScripts(
                catalogue,
                FailureClass.ReferenceCount,
                wrong: "mA uA xA xA | mB uB xB",
                right: "mA uA xA | mB uB xB"),
            OfSpecimen(FailureClass.SleepInAtomic, "sleep-under-lock", typeof(SleepUnderLock<>)),
            OfSpecimen(FailureClass.DataRace, "unlocked-access", typeof(UnlockedAccess<>)),
            OfSpecimen(FailureClass.LockMisuse, "foreign-unlock", typeof(ForeignUnlock<>)),
            OfSpecimen(FailureClass.Leak, "kept-lock", typeof(KeptLock<>)),
            new(FailureClass.Starvation, Churn(catalogue, tasks: 2, slots: 1), Churn(catalogue, tasks: 2, slots: 2)),
            OfSpecimen(FailureClass.Livelock, "spinner", typeof(Spinner<>)),
            OfSpecimen(FailureClass.BugOn, "check-then-take", typeof(CheckThenTake<>)),
            OfSpecimen(FailureClass.Assertion, "lost-update", typeof(LostUpdate<>)),
            OfSpecimen(FailureClass.Nondeterminism, "field-as-state", typeof(FieldAsState<>)),
            OfSpecimen(FailureClass.UseAfterFree, "freed-too-early", typeof(FreedTooEarly<>)),
        ];

    private static DetectorCase OfRace(ScenarioCatalogue catalogue, string name)
    {
        RaceEntry race = catalogue.Race(name);
        return new DetectorCase(race.Attribute.Shows, race.Experiment, race.Experiment with { Variant = null });
    }

    private static DetectorCase OfScripts(
        ScenarioCatalogue catalogue,
        FailureClass shows,
        string wrong,
        string right
    ) => new(shows, Scripted(catalogue, wrong), Scripted(catalogue, right));

    private static Experiment Scripted(ScenarioCatalogue catalogue, string script) =>
        catalogue.Resolve("script", null, new SizeRequest { Slots = 2, Rounds = 1, Script = script });

    private static Experiment Churn(ScenarioCatalogue catalogue, int tasks, int slots) =>
        catalogue.Resolve(
            "churn",
            null,
            new SizeRequest
            {
                Tasks = tasks,
                Slots = slots,
                Pages = tasks,
                Rounds = ScenarioSize.AnyRounds,
            }
        );

    private static DetectorCase OfSpecimen(FailureClass shows, string name, Type definition)
    {
        var attribute = new ScenarioAttribute(name, "one mistake, or none") { Uses = SizeParts.Script, Pages = 1 };
        var entry = new ScenarioEntry(attribute, definition);
        return new DetectorCase(shows, Told(Specimen<SimulatedKernel>.Wrong), Told(Specimen<SimulatedKernel>.Right));

        Experiment Told(string what) =>
            new(entry, Variant: null, entry.Parameters.Settle(new SizeRequest { Script = what }));
    }
}
