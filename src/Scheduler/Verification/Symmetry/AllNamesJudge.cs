using Kmaplab.Scheduler.Coroutines.Stacks;
using Kmaplab.Scheduler.Detection;
using Kmaplab.Scheduler.Simulation;
using Kmaplab.Scheduler.Verification.States;

namespace Kmaplab.Scheduler.Verification.Symmetry;

/// <summary>Asks what the checks of states say of one under all names of its tasks, which must be the same.</summary>
/// <remarks>
/// Every state in which nothing can go on, as there the scenario's own checks are asked; and all states if it has a
/// check of these that nobody has said to treat names alike. One thread, one object.
/// </remarks>
internal sealed class AllNamesJudge
{
    private const int TasksMax = 7; // 5040 renamings.

    private readonly StateTrial _trial;
    private readonly TaskSymmetry _symmetry;
    private readonly IReducedSearch _search;
    private readonly bool _judgesAll;
    private readonly int[]? _walk; // Null for too many renamings.
    private readonly TrialState _state;

    internal AllNamesJudge(
        MachineImage image, Machine machine, FrameCache frames, TaskSymmetry symmetry, IReducedSearch search)
    {
        _trial = new StateTrial(machine, frames);
        _symmetry = symmetry;
        _search = search;
        _judgesAll = image.MayJudgeByNames;
        TaskGroup[] groups = image.Hints.Interchangeable;
        _walk = groups.Sum(group => group.Tasks) <= TasksMax ? WalkThrough(groups) : null;
        _state = new TrialState(image);
    }

    /// <summary>Judges a state in which nothing can go on.</summary>
    internal void CheckEnd(Successors expanded) => Check(expanded.Memory, expanded.Stacks);

    /// <summary>Judges any state, if that is necessary.</summary>
    internal void CheckAny(int[] memory, int[] stacks)
    {
        if (_judgesAll)
            Check(memory, stacks);
    }

    private void Check(int[] memory, int[] stacks)
    {
        if (_walk is null)
        {
            _search.RefuseSymmetry("there are too many like tasks to judge a state under all of their names");
            return;
        }

        FailureClass? usual = _trial.Judge(memory, stacks);
        _state.CopyFrom(memory, stacks);
        foreach (int swap in _walk)
        {
            _symmetry.Swap(swap, _state.Memory, _state.Stacks);
            FailureClass? found = _trial.Judge(_state.Memory, _state.Stacks);
            if (found == usual)
                continue;

            _search.RefuseSymmetry(
                $"a state is {(usual ?? found)!.Value.Name()} or not, depending on the names of tasks");
            return;
        }
    }

    /// <summary>Pairs to exchange, one after the other, so that each renaming comes once.</summary>
    private static int[] WalkThrough(TaskGroup[] groups)
    {
        int[] walk = [];
        int first = 0;
        foreach (TaskGroup group in groups)
        {
            int[] inner = walk;
            var outer = new List<int>(inner);
            bool isBack = true;
            foreach (int swap in WalkThrough(group.Tasks))
            {
                outer.Add(first + swap);
                outer.AddRange(isBack ? inner.Reverse() : inner);
                isBack = !isBack;
            }

            walk = [.. outer];
            first += Math.Max(0, group.Tasks - 1);
        }

        return walk;
    }

    // The last one goes through all places of each order of the others (Steinhaus, Johnson and Trotter).
    private static int[] WalkThrough(int tasks)
    {
        if (tasks < 2)
            return [];

        IEnumerable<int> down = Enumerable.Range(0, tasks - 1).Reverse();
        var walk = new List<int>(down);
        bool isFirst = true; // It stands in front of all others.
        foreach (int swap in WalkThrough(tasks - 1))
        {
            walk.Add(isFirst ? swap + 1 : swap);
            walk.AddRange(isFirst ? Enumerable.Range(0, tasks - 1) : down);
            isFirst = !isFirst;
        }

        return [.. walk];
    }
}
