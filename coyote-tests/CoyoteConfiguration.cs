using Microsoft.Coyote;

namespace Kmaplab.CoyoteTests;

/// <summary>How every test here runs Coyote: reproducibly, quietly, and reporting to nobody.</summary>
internal static class CoyoteConfiguration
{
    public static Configuration Create(uint executions, uint seed = 1) => Configuration.Create()
        .WithTestingIterations(executions)
        .WithRandomGeneratorSeed(seed)
        .WithTelemetryEnabled(false);
}
