using System.Runtime.ExceptionServices;
using Kmaplab.CoyoteTests.Kernel;
using Kmaplab.Scheduler.Detection;
using Kmaplab.Scheduler.Simulation.Hardware;
using Microsoft.Coyote;
using Microsoft.Coyote.SystematicTesting;

namespace Kmaplab.CoyoteTests;

/// <summary>Lets Coyote run a machine until an execution fails or the budget is spent.</summary>
internal static class CoyoteExplorer
{
    public static CoyoteReport Run(CoyoteMachine machine, Configuration configuration)
    {
        long stepsBefore = machine.Steps;
        long executions = 0;
        using TestingEngine engine = TestingEngine.Create(configuration, machine.Run);
        engine.RegisterEndIterationCallBack(_ => executions++);

        engine.Run();

        TestReport report = engine.TestReport;
        if (report.InternalErrors.Count > 0)
            throw new InvalidOperationException($"Coyote has failed: {string.Join('\n', report.InternalErrors)}");

        if (machine.Crash is not null)
            ExceptionDispatchInfo.Throw(machine.Crash);

        if (report.NumOfFoundBugs > 0 && machine.Finding is null)
            throw new InvalidOperationException(
                $"Coyote found what the kernel did not: {string.Join('\n', report.BugReports)}");

        return new CoyoteReport(
            executions,
            machine.Steps - stepsBefore,
            report.TotalExploredFairSteps + report.TotalExploredUnfairSteps,
            report.NumOfFoundBugs > 0 ? machine.Finding : null,
            [.. machine.Recorded],
            string.Join('\n', report.BugReports),
            [.. report.UncontrolledInvocations]);
    }
}

/// <summary>What Coyote's executions showed.</summary>
/// <param name="Executions">Executions run.</param>
/// <param name="Steps">Steps performed in them, counted as the simulated machine counts.</param>
/// <param name="CoyoteSteps">Scheduling points that Coyote counted.</param>
/// <param name="Finding">What is wrong with the last one; null if nothing was found.</param>
/// <param name="Schedule">The last one, as a schedule of the simulated machine.</param>
/// <param name="BugReport">What Coyote says about it.</param>
/// <param name="UncontrolledInvocations">Calls that Coyote saw and could not control.</param>
internal sealed record CoyoteReport(
    long Executions,
    long Steps,
    long CoyoteSteps,
    Finding? Finding,
    Transition[] Schedule,
    string BugReport,
    string[] UncontrolledInvocations);
