using Kmaplab.Scheduler.Scenarios;

namespace Kmaplab.Allocator.Settings;

/// <summary>The parameters of kmap as parts of a size.</summary>
public static class KmapSize
{
    extension(ScenarioSize size)
    {
        /// <summary>The kernel release that is ported; the latest, for a size that was made by hand.</summary>
        public string Release =>
            IsByHand(size) ? KernelRelease.Latest.Name : size.Parameters.Text(KmapParameters.Release);

        /// <summary>CONFIG_DEBUG_HIGHMEM; off, for a size that was made by hand.</summary>
        public bool DebugHighmem => !IsByHand(size) && size.Parameters.IsOn(KmapParameters.DebugHighmem);
    }

    // An experiment has a value for each; that one is missing must not pass for a default.
    private static bool IsByHand(ScenarioSize size) => size.Parameters.Values.Count == 0;
}
