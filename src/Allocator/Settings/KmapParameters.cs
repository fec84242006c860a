using Kmaplab.Scheduler.Scenarios;
using Kmaplab.Scheduler.Settings;

namespace Kmaplab.Allocator.Settings;

/// <summary>What scenarios of kmap can be told: sizes as they are there, and which kernel it is.</summary>
[AttributeUsage(AttributeTargets.Class)]
public sealed class KmapParametersAttribute : Attribute, IDeclaresParameters
{
    /// <inheritdoc/>
    public IReadOnlyList<Parameter> Parameters => KmapParameters.All;
}

/// <summary>The parameters of kmap.</summary>
public static class KmapParameters
{
    /// <summary>The kernel release that is ported.</summary>
    public const string Release = "release";

    /// <summary>CONFIG_DEBUG_HIGHMEM.</summary>
    public const string DebugHighmem = "debug-highmem";

    private const int SlotsMax = 1024; // LAST_PKMAP without PAE.
    private const int PagesMax = 65_536;
    private const int DepthMax = 64;

    /// <summary>All of them.</summary>
    public static IReadOnlyList<Parameter> All { get; } =
    [
        new NumberParameter(SizeParameters.Slots, "Number of slots (LAST_PKMAP), a power of two")
        {
            Usual = 2,
            Min = 1,
            Max = SlotsMax,
            PowerOfTwo = true,
            WhyPowerOfTwo = "the kernel's cursor goes round by a mask",
        },
        new NumberParameter(SizeParameters.Pages, "Number of high memory pages") { Min = 1, Max = PagesMax },
        new NumberParameter(SizeParameters.Depth, "Mappings that a task holds at once")
        {
            Usual = 1,
            Min = 1,
            Max = DepthMax,
        },
        new TextParameter(SizeParameters.Script, "What each task does: 'mA uA xA | mB uB xB'"),
        new ChoiceParameter(
            Release,
            $"The kernel release that is ported, {KernelRelease.All[0]} to {KernelRelease.Latest}",
            [.. KernelRelease.All.Select(release => release.Name)],
            KernelRelease.Latest.Name)
        {
            Otherwise = "is not ported",
        },
        new SwitchParameter(DebugHighmem, "CONFIG_DEBUG_HIGHMEM"),
    ];
}
