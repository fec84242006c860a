using System.Globalization;
using Kmaplab.Scheduler.Detection;
using Kmaplab.Scheduler.Scenarios;
using Kmaplab.Scheduler.Settings;
using Kmaplab.Stress.Oracle.Reading;

namespace Kmaplab.Stress.Oracle.Sources;

/// <summary>Where a program stands, and what is in it.</summary>
/// <param name="File">The file, as it was named.</param>
/// <param name="Name">The program's name in it.</param>
/// <param name="Content">The hash of the program that is meant; empty for whatever stands there now.</param>
internal sealed record ProgramSource(string File, string Name, string Content)
{
    /// <summary>The scenario that runs programs.</summary>
    internal const string Scenario = "program";

    private const char Separator = '#';
    private const string Extension = ".json";

    /// <summary>What FILE.json#NAME means; null for a target that names no program.</summary>
    /// <exception cref="UsageException">It names a file, and no program in it.</exception>
    internal static ProgramSource? Of(string target)
    {
        int at = target.IndexOf(Extension + Separator, StringComparison.OrdinalIgnoreCase);
        int end = at >= 0 ? at + Extension.Length : target.IndexOf(Separator, StringComparison.Ordinal);
        if (end > 0)
            return new ProgramSource(target[..end], target[(end + 1)..], "");

        if (!target.EndsWith(Extension, StringComparison.OrdinalIgnoreCase))
            return null;

        string first = Read(target)[0].Name;
        throw new UsageException($"{target} is a file of programs: say which one, like '{target}{Separator}{first}'");
    }

    /// <summary>
    /// The programs of FILE.json that are not known to be right, or the one of FILE.json#NAME; null for a target that
    /// names no file.
    /// </summary>
    internal static IReadOnlyList<ProgramSource>? AllIn(string target)
    {
        bool isFile = target.EndsWith(Extension, StringComparison.OrdinalIgnoreCase)
            && !target.Contains(Separator, StringComparison.Ordinal);
        if (!isFile)
            return Of(target) is { } one ? [one] : null;

        ProgramSource[] wrong =
        [
            .. Read(target)
                .Where(program => program.WhyNotCounted is not null || program.Expect.DeadlockStates > 0)
                .Select(program => new ProgramSource(target, program.Name, "")),
        ];
        return wrong.Length > 0 ? wrong : throw new UsageException($"all programs of {target} are known to be right");
    }

    /// <summary>Whether a target is a program, or a file of them, whatever is in it.</summary>
    internal static bool IsNamedBy(string target) =>
        target == Scenario
        || target.Contains(Separator, StringComparison.Ordinal)
        || target.EndsWith(Extension, StringComparison.OrdinalIgnoreCase);

    /// <summary>What people call an experiment: FILE.json#NAME if it runs a program.</summary>
    internal static string NameOf(Experiment experiment) => experiment.Scenario.Name == Scenario
        ? $"{Of(experiment.Parameters).File}{Separator}{Of(experiment.Parameters).Name}"
        : experiment.Name;

    /// <summary>The program that an experiment runs.</summary>
    internal static ProgramSource Of(Parameters parameters) => new(
        parameters.Text(ProgramParametersAttribute.File),
        parameters.Text(ProgramParametersAttribute.Program),
        parameters.Text(ProgramParametersAttribute.Content));

    /// <summary>The request for an experiment of the program as it stands there now.</summary>
    internal SizeRequest AddTo(SizeRequest request)
    {
        string content = HashOf(Load());
        return request
            .And(ParameterSetting.OfSet(ProgramParametersAttribute.File, File))
            .And(ParameterSetting.OfSet(ProgramParametersAttribute.Program, Name))
            .And(ParameterSetting.OfSet(ProgramParametersAttribute.Content, content));
    }

    /// <summary>Reads the program.</summary>
    /// <exception cref="UsageException">It is not there, or not the one that is meant.</exception>
    internal OracleProgram Load()
    {
        if (File.Length == 0)
            throw new UsageException($"say which program: FILE.json{Separator}NAME in the place of '{Scenario}'");

        IReadOnlyList<OracleProgram> programs = Read(File);
        OracleProgram program = programs.FirstOrDefault(each => each.Name == Name) ?? throw NotThere(programs);
        return Content.Length == 0 || HashOf(program) == Content
            ? program
            : throw new UsageException(
                $"the program '{Name}' of {File} is another one now ({HashOf(program)}, the schedule is of {Content}): "
                + "search it again");
    }

    private static string HashOf(OracleProgram program) =>
        program.Content.ToString("x16", CultureInfo.InvariantCulture);

    private UsageException NotThere(IReadOnlyList<OracleProgram> programs)
    {
        string suggestion = NearestName.Suggestion(Name, programs.Select(program => program.Name));
        return new UsageException(
            $"{File} has no program '{Name}'{suggestion} (it has {programs.Count}, the first is '{programs[0].Name}')");
    }

    private static IReadOnlyList<OracleProgram> Read(string file)
    {
        if (!System.IO.File.Exists(file))
        {
            throw new UsageException(Directory.Exists(file)
                ? $"'{file}' is a folder: name a file of programs in it"
                : $"there is no file '{file}' of programs here: name it as it is seen from this folder");
        }

        try
        {
            IReadOnlyList<OracleProgram> programs = OracleReader.ReadFile(file);
            return programs.Count > 0 ? programs : throw new UsageException($"{file} has no programs");
        }
        catch (OracleFormatException exception)
        {
            throw new UsageException(exception.Message);
        }
    }
}
