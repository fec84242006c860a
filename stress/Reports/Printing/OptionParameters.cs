using Kmaplab.Allocator.Settings;
using Kmaplab.Scheduler.Scenarios;
using Kmaplab.Scheduler.Settings;

namespace Kmaplab.Stress.Reports.Printing;

/// <summary>The parameters that have an option of their name. All others are set by --set.</summary>
internal static class OptionParameters
{
    /// <summary>The sizes, as kmap has them, and what else kmap has.</summary>
    internal static IReadOnlyList<Parameter> All { get; } =
    [
        .. SizeParameters.All.Select(size => KmapParameters.All.FirstOrDefault(own => own.Name == size.Name) ?? size),
        .. KmapParameters.All.Where(own => SizeParameters.PartOf(own.Name) == SizeParts.None),
    ];

    /// <summary>Whether a parameter has one.</summary>
    internal static bool Has(string name) => All.Any(parameter => parameter.Name == name);
}
