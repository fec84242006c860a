using System.CommandLine;
using System.Globalization;
using Kmaplab.Allocator;
using Kmaplab.Scheduler.Scenarios;
using Kmaplab.Scheduler.Simulation.Hardware;

namespace Kmaplab.Stress.Commands;

/// <summary>The options that say how big a scenario is, and which port is in it.</summary>
internal sealed class SizeOptions
{
    private const int DepthMax = 64;

    private readonly Option<int?> _tasks = Part("--tasks", "Number of tasks", Transition.MaxContexts);
    private readonly Option<int?> _slots = Part("--slots", "Number of slots (LAST_PKMAP), a power of two", SizeRequest.SlotsMax);
    private readonly Option<int?> _pages = Part("--pages", "Number of high memory pages", SizeRequest.PagesMax);
    private readonly Option<int?> _cpus = Part("--cpus", "Number of CPUs; one per task unless given", Transition.MaxContexts);
    private readonly Option<int?> _depth = Part("--depth", "Mappings that a task holds at once", DepthMax);
    private readonly Option<int?> _rounds = Rounds();
    private readonly Option<string?> _script = new("--script") { Description = "What each task does: 'mA uA xA | mB uB xB'", HelpName = "TEXT" };
    private readonly Option<string?> _release = Release();
    private readonly Option<bool> _debugHighmem = new("--debug-highmem") { Description = "CONFIG_DEBUG_HIGHMEM" };
    private readonly Option<string?> _preempt = OnOff();
    private readonly Option<string?> _variant = new("--variant") { Description = "Put a variant into the place of the port", HelpName = "NAME" };

    internal void AddTo(Command command)
    {
        foreach (Option option in (Option[])[_tasks, _slots, _pages, _cpus, _rounds, _depth, _script, _release, _debugHighmem, _preempt, _variant])
            command.Options.Add(option);
    }

    /// <summary>The experiment that TARGET and these options mean.</summary>
    internal Experiment Resolve(ScenarioCatalogue catalogue, ParseResult arguments, string target) =>
        catalogue.Resolve(target, arguments.GetValue(_variant), Request(arguments));

    /// <summary>
    /// The same for a proof: it is about every number of rounds, where that can be asked and nothing else was.
    /// </summary>
    internal Experiment ResolveProof(ScenarioCatalogue catalogue, ParseResult arguments, string target)
    {
        SizeRequest request = Request(arguments);
        bool mayAsk = request.Rounds is null && catalogue.FindRace(target) is null;
        bool hasRounds = mayAsk && catalogue.FindScenario(target) is { Attribute: { AnyRounds: true } attribute } && attribute.Uses.HasFlag(SizeParts.Rounds);
        return catalogue.Resolve(target, arguments.GetValue(_variant), hasRounds ? request with { Rounds = ScenarioSize.AnyRounds } : request);
    }

    private SizeRequest Request(ParseResult arguments) => new()
    {
        Tasks = arguments.GetValue(_tasks),
        Slots = arguments.GetValue(_slots),
        Pages = arguments.GetValue(_pages),
        Cpus = arguments.GetValue(_cpus),
        Rounds = arguments.GetValue(_rounds),
        Depth = arguments.GetValue(_depth),
        Script = arguments.GetValue(_script),
        Release = arguments.GetValue(_release),
        DebugHighmem = arguments.GetValue(_debugHighmem),
        Preempt = arguments.GetValue(_preempt) is { } preempt ? preempt == "on" : null,
    };

    // A number may still be out of the scenario's range, which is narrower; the scenario says so.
    private static Option<int?> Part(string name, string description, int max) => new(name)
    {
        Description = description,
        HelpName = "N",
        CustomParser = result =>
        {
            string text = result.Tokens[0].Value;
            if (int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out int number))
                return number;

            result.AddError($"{name} takes a number from 1 to {max}, not '{text}'");
            return null;
        },
    };

    private static Option<int?> Rounds() => new("--rounds")
    {
        Description = "How often each task repeats its work, forever, or any: each round may be the last (the default of proofs)",
        HelpName = "N|forever|any",
        CustomParser = result =>
        {
            string text = result.Tokens[0].Value;
            if (text == "forever")
                return ScenarioSize.Forever;

            if (text == "any")
                return ScenarioSize.AnyRounds;

            if (text[0] != '-' && int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out int rounds))
                return rounds;

            result.AddError($"--rounds takes a number, 'forever' or 'any', not '{text}'");
            return null;
        },
    };

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

    private static Option<string?> Release() => new("--release")
    {
        Description = "The kernel release that is ported, 2.6.12 to 2.6.15",
        HelpName = "RELEASE",
        CustomParser = result =>
        {
            string text = result.Tokens[0].Value;
            if (KernelRelease.All.Any(release => release.Name == text))
                return text;

            result.AddError($"--release '{text}' is not ported: {string.Join(", ", KernelRelease.All)} are");
            return null;
        },
    };
}
