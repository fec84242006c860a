using Kmaplab.Scheduler.Detection;
using Kmaplab.Scheduler.Scenarios;
using Kmaplab.Stress.Oracle.Sources;

namespace Kmaplab.Stress.Races;

/// <summary>What users name as TARGET: a scenario, a race, or a program of a file.</summary>
internal static class NamedTarget
{
    /// <summary>The experiment that is meant.</summary>
    /// <exception cref="UsageException">There is no such target, or a size is impossible.</exception>
    internal static Experiment Resolve(
        ScenarioCatalogue catalogue, string target, string? variant, SizeRequest request) =>
        ProgramSource.Of(target) is { } program
            ? catalogue.Resolve(ProgramSource.Scenario, variant, program.AddTo(request))
            : catalogue.Resolve(target, variant, request);

    /// <summary>
    /// The same for a proof: it is about every number of rounds, where that can be asked and nothing else was.
    /// </summary>
    /// <exception cref="UsageException">There is no such target, or a size is impossible.</exception>
    internal static Experiment ResolveProof(
        ScenarioCatalogue catalogue, string target, string? variant, SizeRequest request)
    {
        bool isAsked = request.Settings.Any(setting => setting.Name == SizeParameters.Rounds);
        bool mayAsk = !isAsked && catalogue.FindRace(target) is null;
        bool hasRounds =
            mayAsk
            && catalogue.FindScenario(target) is { Attribute: { AnyRounds: true } attribute }
            && attribute.Uses.HasFlag(SizeParts.Rounds);
        return Resolve(
            catalogue, target, variant, hasRounds ? request with { Rounds = ScenarioSize.AnyRounds } : request);
    }
}
