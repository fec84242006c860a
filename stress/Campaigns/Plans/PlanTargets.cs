using System.Text.Json;
using Kmaplab.Scheduler.Detection;
using Kmaplab.Scheduler.Scenarios;
using Kmaplab.Scheduler.Settings;
using Kmaplab.Stress.Reports.Texts;

namespace Kmaplab.Stress.Campaigns.Plans;

/// <summary>The targets of a part of a plan: each with each variant, each value of each parameter.</summary>
internal sealed class PlanTargets
{
    private readonly ScenarioCatalogue _catalogue;
    private readonly string _place;
    private readonly string[] _targets;
    private readonly string?[] _variants;
    private readonly bool?[] _preempt;
    private readonly List<(string Name, IReadOnlyList<string> Values)> _parameters = [];

    /// <exception cref="UsageException">They make no sense.</exception>
    internal PlanTargets(
        ScenarioCatalogue catalogue,
        string place,
        string[] targets,
        string[]? variants,
        OrderedDictionary<string, JsonElement>? parameters,
        bool[]? preempt)
    {
        _catalogue = catalogue;
        _place = place;
        _targets = PlanValues.Names(targets, $"{place}.targets");
        _variants = variants is null ? [null] : [.. PlanValues.Names(variants, $"{place}.variants")];
        _preempt = preempt is null ? [null] : [.. PlanValues.NotTwice(preempt, $"{place}.preempt").Cast<bool?>()];
        foreach ((string name, JsonElement value) in parameters ?? [])
            _parameters.Add((name, PlanValues.Read(value, $"{place}.parameters.{name}")));
    }

    /// <summary>How many there are.</summary>
    internal Int128 Count => _parameters.Aggregate(
        (Int128)_targets.Length * _variants.Length * _preempt.Length,
        (count, parameter) => Math.Min((long)count, long.MaxValue >> 20) * (Int128)parameter.Values.Count);

    /// <summary>What they are, as <paramref name="resolve"/> understands them.</summary>
    /// <exception cref="UsageException">One of them is impossible.</exception>
    internal IEnumerable<PlanTarget> Each(Func<ScenarioCatalogue, string, string?, SizeRequest, Experiment> resolve) =>
        from target in _targets
        from variant in _variants
        from preempt in _preempt
        from settings in Settings(0)
        select Target(target, variant, new SizeRequest { Preempt = preempt }, settings, resolve);

    private PlanTarget Target(
        string target,
        string? variant,
        SizeRequest request,
        IEnumerable<ParameterSetting> settings,
        Func<ScenarioCatalogue, string, string?, SizeRequest, Experiment> resolve)
    {
        try
        {
            request = settings.Aggregate(request, (asked, setting) => asked.And(setting));
            Experiment experiment = resolve(_catalogue, target, variant, request);
            experiment.Boot(); // What cannot be booted is refused before anything runs.
            string name = variant is null ? target : $"{target}+{variant}";
            string sizes = SizeText.Of(experiment);
            return new PlanTarget(_place, sizes.Length == 0 ? name : $"{name} {sizes}", experiment);
        }
        catch (UsageException exception)
        {
            throw new UsageException($"{_place}: {exception.Message}");
        }
    }

    // The last parameter changes fastest.
    private IEnumerable<IEnumerable<ParameterSetting>> Settings(int first)
    {
        if (first == _parameters.Count)
            return [[]];

        (string name, IReadOnlyList<string> values) = _parameters[first];
        return
            from value in values
            from rest in Settings(first + 1)
            select rest.Prepend(new ParameterSetting(name, value, $"{name}="));
    }
}

/// <summary>One of them.</summary>
/// <param name="Place">Where it is in the plan.</param>
/// <param name="Name">What people call it, with its sizes.</param>
/// <param name="Experiment">What is run.</param>
internal sealed record PlanTarget(string Place, string Name, Experiment Experiment);
