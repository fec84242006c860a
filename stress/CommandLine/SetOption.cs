using System.CommandLine;
using Kmaplab.Scheduler.Scenarios;
using Kmaplab.Scheduler.Settings;

namespace Kmaplab.Stress.CommandLine;

/// <summary>--set name=value, for whatever the scenario takes.</summary>
internal sealed class SetOption
{
    internal Option<string[]> Option { get; } = new("--set")
    {
        Description = "A parameter of the scenario's own (kmaplab scenarios lists them); may be repeated",
        HelpName = "NAME=VALUE",
    };

    /// <summary>The same request with what is set.</summary>
    internal SizeRequest AddTo(SizeRequest request, ParseResult arguments)
    {
        foreach (string text in arguments.GetValue(Option) ?? [])
            request = request.And(ParameterSetting.ParseSet(text));

        return request;
    }
}
