using Kmaplab.CoyoteTests.Kernel;
using Kmaplab.Scheduler.Scenarios;
using Kmaplab.Stress.Scenarios;
using System.Diagnostics;

namespace Kmaplab.CoyoteTests;

public sealed class SmokeTests
{
    [Fact]
    public void Smoke()
    {
        var m = CoyoteMachine.Boot(new Churn<CoyoteKernel>(), new ScenarioSize { Tasks = 4, Slots = 2, Pages = 4, Rounds = 3 });
        for (int i = 0; i < 3; i++)
        {
            var w = Stopwatch.StartNew();
            var r = CoyoteExplorer.Run(m, CoyoteConfiguration.ForMachine(500).WithRandomStrategy());
            Console.WriteLine($"{r.Executions} {r.Steps} {r.Finding} {string.Join(",", r.UncontrolledInvocations)} {r.CoyoteSteps} {w.ElapsedMilliseconds} ms");
        }

        var n = CoyoteMachine.Boot(new Nested<CoyoteKernel>(), new ScenarioSize { Tasks = 2, Slots = 2, Depth = 2 });
        var rr = CoyoteExplorer.Run(n, CoyoteConfiguration.ForMachine(500).WithRandomStrategy());
        Console.WriteLine($"{rr.Executions} {rr.Steps} {rr.Finding} {rr.BugReport} {string.Join(" ", rr.Schedule)}");
    }
}
