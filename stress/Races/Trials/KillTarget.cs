using Kmaplab.Scheduler.Detection;
using Kmaplab.Scheduler.Scenarios;
using Kmaplab.Stress.Oracle.Sources;

namespace Kmaplab.Stress.Races.Trials;

/// <summary>A row of the matrix: something that can fail.</summary>
/// <param name="Name">What it is called there.</param>
/// <param name="Experiment">What is run.</param>
/// <param name="IsShownBy">Whether a class of failure is what is looked for.</param>
internal sealed record KillTarget(string Name, Experiment Experiment, Func<FailureClass, bool> IsShownBy)
{
    /// <summary>
    /// What somebody asks for: a race, all of them, a scenario, a program, or all programs of a file that are not known
    /// to be right.
    /// </summary>
    /// <exception cref="UsageException">There is no such thing.</exception>
    internal static IReadOnlyList<KillTarget> Find(ScenarioCatalogue catalogue, string? asked)
    {
        if (asked is null)
            return [.. catalogue.Races.Select(Of)];

        if (ProgramSource.AllIn(asked) is { } programs)
            return [.. programs.Select(program => Of(catalogue, program))];

        return catalogue.FindRace(asked) is null && catalogue.FindScenario(asked) is not null
            ? [new KillTarget(asked, catalogue.Resolve(asked, null, new SizeRequest()), _ => true)]
            : [Of(catalogue.Race(asked))];
    }

    /// <summary>A race.</summary>
    internal static KillTarget Of(RaceEntry race) => new(race.Name, race.Experiment, race.IsShownBy);

    private static KillTarget Of(ScenarioCatalogue catalogue, ProgramSource program) => new(
        program.Name,
        catalogue.Resolve(ProgramSource.Scenario, null, program.AddTo(new SizeRequest())),
        _ => true);
}
