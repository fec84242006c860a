using Kmaplab.Scheduler.Coroutines.Stacks;
using Kmaplab.Scheduler.Exploration;
using Kmaplab.Scheduler.Exploration.Searches;
using Kmaplab.Scheduler.Exploration.Strategies;
using Kmaplab.Scheduler.Scenarios;
using Kmaplab.Scheduler.Simulation;
using Kmaplab.Scheduler.Simulation.Cells;
using Kmaplab.Scheduler.Simulation.Memo;

namespace Kmaplab.Stress.Tests.Memo;

/// <summary>Executions over cells, and how they are compared with those of a machine that performs each step.</summary>
internal static class CellRuns
{
    internal const ulong Seed = 1;

    /// <summary>An execution on cells, of a machine that has recorded some steps.</summary>
    internal static (Execution Execution, CellMachine Cells) OnCells(
        MachineImage image,
        MemoOptions options,
        int recorded)
    {
        var machine = new Machine(image, new FrameStore(comparesWhole: false), new MemoOptions());
        var execution = new Execution(machine);
        RunSome(execution, new RandomWalkStrategy(Seed), recorded);
        var cells = new CellMachine(machine, options);
        execution.Cells = cells;
        return (execution, cells);
    }

    internal static void RunSome(Execution execution, SearchStrategy strategy, int executions)
    {
        for (int number = 1; number <= executions; number++)
            execution.Run(strategy, number);
    }

    /// <summary>That the latest executions of both went the same way, to the same end.</summary>
    internal static void AssertSame(Execution plain, Execution execution)
    {
        Assert.Equal(plain.Schedule, execution.Schedule);
        Assert.Equal(plain.Finding, execution.Finding);
        if (plain.Finding is null)
            Assert.Equal(plain.EndState(), execution.EndState());
    }

    /// <summary>That a search on cells, after its first chunk, reports what one on the machine does.</summary>
    internal static void AssertFindsTheSame(
        Experiment experiment,
        Func<SearchStrategy> make,
        MemoOptions memo,
        int executionsOnCells,
        int stepsMax)
    {
        ExplorationReport plain = Explore(memo: null);
        ExplorationReport onCells = Explore(memo);

        Assert.Equal(plain.Executions, onCells.Executions);
        Assert.Equal(plain.Steps, onCells.Steps);
        Assert.Equal(plain.CutOff, onCells.CutOff);
        Assert.Equal(plain.StepsMax, onCells.StepsMax);
        Assert.Equal(plain.Failures, onCells.Failures);
        Assert.Equal(plain.First?.Number, onCells.First?.Number);
        Assert.Equal(plain.First?.Finding, onCells.First?.Finding);
        Assert.Equal(plain.First?.Schedule ?? [], onCells.First?.Schedule ?? []);

        ExplorationReport Explore(MemoOptions? memo)
        {
            var options = new ExplorerOptions
            {
                Executions = SearchStrategy.ChunkSize + executionsOnCells,
                StepsMax = stepsMax,
                KeepGoing = true,
                DeterminismEvery = 100,
                Memo = memo,
                StepsBeforeMemo = 0,
                StepsBeforeCells = 1, // After the first chunk.
                ForcesCells = true,
                ComparedMax = 0,
            };
            return new Explorer(experiment.Boot(), make, options).Run();
        }
    }
}
