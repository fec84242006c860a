using Kmaplab.Scheduler.Detection;
using Kmaplab.Scheduler.Kernel;
using Kmaplab.Scheduler.Scenarios;

namespace Kmaplab.Stress.Oracle.Sources;

/// <summary>Runs the program of a file that its parameters name.</summary>
[Scenario(ProgramSource.Scenario, "a program of a file: FILE.json#NAME", Uses = SizeParts.None, IsListed = false)]
[ProgramParameters]
public sealed class ProgramScenario<TKernel> : Scenario<TKernel>
    where TKernel : struct, IKernel
{
    /// <inheritdoc/>
    public override int Tasks(ScenarioSize size) => Load(size).Threads.Length;

    /// <inheritdoc/>
    public override int Pages(ScenarioSize size) => 0;

    /// <inheritdoc/>
    public override void UseVariant(Type variant) =>
        throw new UsageException("a program has no port that a variant could replace: leave out --variant");

    /// <inheritdoc/>
    public override void Boot(IKernelBoot<TKernel> boot, ScenarioSize size) =>
        new OracleScenario<TKernel>(Load(size), usesSpinLocks: false).Boot(boot, size);

    private static OracleProgram Load(ScenarioSize size)
    {
        ArgumentNullException.ThrowIfNull(size);
        return ProgramSource.Of(size.Parameters).Load();
    }
}
