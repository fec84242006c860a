using Microsoft.Coyote;
using Microsoft.Coyote.Logging;

namespace Kmaplab.CoyoteTests;

/// <summary>How every test here runs Coyote: reproducibly, quietly, and reporting to nobody.</summary>
internal static class CoyoteConfiguration
{
    public static Configuration Create(uint executions, uint seed = 1) => Configuration.Create()
        .WithTestingIterations(executions)
        .WithRandomGeneratorSeed(seed)
        .WithVerbosityEnabled(VerbosityLevel.None)
        .WithTelemetryEnabled(false);

    /// <summary>
    /// For machines: only their operations are scheduling points. The scheduler's own lists and locks are none.
    /// </summary>
    public static Configuration ForMachine(uint executions, uint seed = 1) => Create(executions, seed)
        .WithPartiallyControlledConcurrencyAllowed(false)
        .WithCollectionAccessRaceCheckingEnabled(false)
        .WithLockAccessRaceCheckingEnabled(false)
        .WithAtomicOperationRaceCheckingEnabled(false)
        .WithVolatileOperationRaceCheckingEnabled(false)
        .WithMemoryAccessRaceCheckingEnabled(false)
        .WithControlFlowRaceCheckingEnabled(false);
}
