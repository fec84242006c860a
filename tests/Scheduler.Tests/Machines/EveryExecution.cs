using Kmaplab.Scheduler.Detection;
using Kmaplab.Scheduler.Exploration;
using Kmaplab.Scheduler.Simulation;

namespace Kmaplab.Scheduler.Tests.Machines;

/// <summary>Runs every execution of a small machine, depth first and without any reduction.</summary>
internal static class EveryExecution
{
    /// <summary>What the executions end with, each outcome once, in order.</summary>
    internal static string[] Outcomes(
        MachineImage image,
        Func<Machine, string> outcome,
        int executionsMax = 200_000,
        params IExecutionObserver[] observers)
    {
        var machine = new Machine(image);
        var execution = new Execution(machine, stepsMax: 1000, observers);
        var enumeration = new Enumeration();
        var outcomes = new SortedSet<string>(StringComparer.Ordinal);
        do
        {
            Assert.True(
                enumeration.Executions < executionsMax,
                $"the program has more than {executionsMax} executions");
            execution.Run(enumeration, enumeration.Executions + 1);
            Assert.False(execution.IsCutOff, "the program does not end");
            outcomes.Add(outcome(machine));
        }
        while (enumeration.Advance());

        return [.. outcomes];
    }

    /// <summary>The classes of failure among the executions, and "nothing" if some show nothing.</summary>
    internal static string[] Findings(MachineImage image) =>
        Outcomes(image, machine => machine.Finding?.Class.Name() ?? "nothing");

    /// <summary>The path to the present execution: at each scheduling point which choice, of how many.</summary>
    private sealed class Enumeration : SearchStrategy
    {
        private readonly List<(int Choice, int Of)> _path = [];

        public override string Name => "enumeration";

        internal int Executions { get; private set; }

        public override void Begin(long execution) => Executions++;

        public override int Choose(in SchedulingPoint point)
        {
            if (point.Step == _path.Count)
                _path.Add((0, point.Enabled.Length));

            Assert.Equal(_path[point.Step].Of, point.Enabled.Length);
            return _path[point.Step].Choice;
        }

        /// <summary>Turns to the next execution; false if there is none.</summary>
        internal bool Advance()
        {
            while (_path.Count > 0)
            {
                (int choice, int of) = _path[^1];
                if (choice + 1 < of)
                {
                    _path[^1] = (choice + 1, of);
                    return true;
                }

                _path.RemoveAt(_path.Count - 1);
            }

            return false;
        }
    }
}
