using System.CommandLine;
using System.CommandLine.Parsing;
using Kmaplab.Scheduler.Detection;
using Kmaplab.Scheduler.Scenarios;
using Kmaplab.Scheduler.Settings;
using Kmaplab.Stress.Oracle.Sources;
using Kmaplab.Stress.Races;
using Kmaplab.Stress.Reports.Printing;

namespace Kmaplab.Stress.CommandLine;

/// <summary>
/// The options that say what a scenario is told, and which port is in it: one for each of the parameters that many
/// scenarios have, and --set for those that a scenario has of its own.
/// </summary>
internal sealed class SizeOptions
{
    private readonly (Parameter Parameter, Option Option)[] _parameters =
        [.. OptionParameters.All.Select(parameter => (parameter, OptionOf(parameter)))];
    private readonly SetOption _set = new();
    private readonly Option<string?> _preempt = OnOff();
    private readonly Option<string?> _variant = new("--variant")
    {
        Description = "Put a variant into the place of the port",
        HelpName = "NAME",
    };

    private IEnumerable<Option> All =>
        _parameters.Select(each => each.Option).Concat([_set.Option, _preempt, _variant]);

    internal void AddTo(Command command)
    {
        foreach (Option option in All)
            command.Options.Add(option);
    }

    /// <summary>Refuses what a schedule says itself.</summary>
    /// <exception cref="UsageException">One of these options is given.</exception>
    internal void RequireNone(ParseResult arguments)
    {
        if (All.FirstOrDefault(option => arguments.GetResult(option) is { Implicit: false }) is { } given)
            throw new UsageException($"{given.Name} is for a scenario or a race: a schedule says what was booted");
    }

    /// <summary>The experiment that TARGET and these options mean.</summary>
    internal Experiment Resolve(ScenarioCatalogue catalogue, ParseResult arguments, string target) =>
        NamedTarget.Resolve(catalogue, target, arguments.GetValue(_variant), Request(arguments));

    /// <summary>
    /// The same for a proof: it is about every number of rounds, where that can be asked and nothing else was.
    /// </summary>
    internal Experiment ResolveProof(ScenarioCatalogue catalogue, ParseResult arguments, string target) =>
        NamedTarget.ResolveProof(catalogue, target, arguments.GetValue(_variant), Request(arguments));

    /// <summary>
    /// The same for threads: rounds of a scenario go on until time is up, where they may, and every task has a CPU. A
    /// race is run again and again, as others may hide a mistake that go on.
    /// </summary>
    /// <exception cref="UsageException">It is a program, or has a number of tasks of its own, or of CPUs.</exception>
    internal Experiment ResolveSoak(ScenarioCatalogue catalogue, ParseResult arguments, string target, int? threads)
    {
        if (ProgramSource.IsNamedBy(target))
        {
            throw new UsageException(
                $"{target} is a program of a file, and those run on the simulated machine only: explore or verify it");
        }

        SizeRequest request = Request(arguments);
        string? variant = arguments.GetValue(_variant);
        if (threads is { } asked)
            request = request.And(ParameterSetting.OfOption(SizeParameters.Tasks, $"{asked}"));

        Experiment experiment = catalogue.Resolve(target, variant, request);
        if (threads is not null && threads != experiment.Size.Tasks)
        {
            throw new UsageException(
                $"{target} has {experiment.Size.Tasks} tasks, each with something of its own to do: leave --threads "
                + "out");
        }

        if (catalogue.FindRace(target) is not null)
            return experiment;

        ScenarioAttribute scenario = experiment.Scenario.Attribute;
        if (request.Rounds is null && scenario.AnyRounds && scenario.Uses.HasFlag(SizeParts.Rounds))
            request = request with { Rounds = ScenarioSize.AnyRounds };

        if (request.Cpus is null && experiment.Size.Cpus != 0)
            request = request with { Cpus = experiment.Size.Tasks };

        return catalogue.Resolve(target, variant, request);
    }

    private SizeRequest Request(ParseResult arguments)
    {
        string? preempt = arguments.GetValue(_preempt);
        var request = new SizeRequest { Preempt = preempt is null ? null : preempt == "on" };
        foreach ((Parameter parameter, Option option) in _parameters)
        {
            if (Given(arguments, option) is { } text)
                request = request.And(ParameterSetting.OfOption(parameter.Name, text));
        }

        return _set.AddTo(request, arguments);
    }

    private static string? Given(ParseResult arguments, Option option) => option is Option<bool> isOn
        ? arguments.GetValue(isOn) ? SwitchParameter.On : null
        : arguments.GetValue((Option<string?>)option);

    private static Option OptionOf(Parameter parameter)
    {
        string name = $"--{parameter.Name}";
        return parameter is SwitchParameter
            ? new Option<bool>(name) { Description = parameter.Summary }
            : new Option<string?>(name)
            {
                Description = parameter.Summary,
                HelpName = parameter.Form,
                CustomParser = result => Read(parameter, result),
            };
    }

    // A value may still be out of the scenario's range, which is narrower; the scenario says so.
    private static string? Read(Parameter parameter, ArgumentResult result)
    {
        try
        {
            return parameter.Read(ParameterSetting.OfOption(parameter.Name, result.Tokens[0].Value));
        }
        catch (UsageException exception)
        {
            result.AddError(exception.Message);
            return null;
        }
    }

    private static Option<string?> OnOff() => new("--preempt")
    {
        Description = "CONFIG_PREEMPT; on unless given, or unless a race needs it off",
        HelpName = "on|off",
        CustomParser = result =>
        {
            string text = result.Tokens[0].Value;
            if (text is "on" or "off")
                return text;

            result.AddError($"--preempt takes 'on' or 'off', not '{text}'");
            return null;
        },
    };
}
