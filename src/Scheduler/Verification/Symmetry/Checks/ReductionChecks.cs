using Kmaplab.Scheduler.Coroutines.Stacks;
using Kmaplab.Scheduler.Simulation;
using Kmaplab.Scheduler.Simulation.Hardware;
using Kmaplab.Scheduler.Simulation.Memo;
using Kmaplab.Scheduler.Verification.States;

namespace Kmaplab.Scheduler.Verification.Symmetry.Checks;

/// <summary>All that could speak against taking states for the same that differ in names only.</summary>
/// <remarks>One thread, one object.</remarks>
internal sealed class ReductionChecks
{
    private readonly Machine _machine;
    private readonly IReducedSearch _search;
    private readonly EquivarianceCheck? _states;
    private readonly CanonicalFormCheck? _forms;
    private readonly EveryStepCheck? _steps;
    private readonly AllNamesJudge? _judge;
    private long _recorded; // Steps that the machine had recorded before the present one,
    private long _unrecorded; // and that it could not.

    /// <param name="image">What is searched.</param>
    /// <param name="machine">Who performs its steps.</param>
    /// <param name="store">The stacks of the search.</param>
    /// <param name="frames">What this thread knows of them.</param>
    /// <param name="symmetry">How tasks are sorted; null if they are told apart.</param>
    /// <param name="search">Whom to tell.</param>
    internal ReductionChecks(
        MachineImage image,
        Machine machine,
        FrameStore store,
        FrameCache frames,
        TaskSymmetry? symmetry,
        IReducedSearch search)
    {
        _machine = machine;
        _search = search;
        RecordGroup[] records = search.Records;
        if (symmetry is not null)
        {
            _states = new EquivarianceCheck(image, machine, frames, symmetry, search);
            _judge = new AllNamesJudge(image, machine, frames, symmetry, search);
        }

        if (records.Length > 0)
            _forms = new CanonicalFormCheck(image, machine, frames, search);

        INameSwaps[] swaps =
        [
            .. symmetry is null ? [] : new INameSwaps[] { new TaskSwaps(symmetry, search) },
            .. records.Select(group => new RecordSwaps(group, image.StackBase, search)),
        ];
        if (swaps.Length > 0)
            _steps = NewStepCheck(image, machine, store, frames, swaps);
    }

    /// <summary>Like tasks must start alike.</summary>
    internal void CheckStart(int[] stacks) => _states?.CheckStart(stacks);

    /// <summary>The machine is going to perform a transition of the state that is being expanded.</summary>
    internal void BeginStep()
    {
        _recorded = _machine.Memo?.Misses ?? 0;
        _unrecorded = _machine.Memo?.Unrecorded ?? 0;
    }

    /// <summary>It has: a step that it has recorded must be tried under other names.</summary>
    internal void EndStep(Transition transition)
    {
        if (_steps is null || _machine.Memo is not { } memo)
            return;

        if (memo.Unrecorded != _unrecorded)
            _steps.RefuseUnrecorded();

        if (memo.Misses != _recorded)
            _steps.Note(transition);
    }

    /// <summary>
    /// Tries what is new of a state that was expanded, under other names and in other forms; leaves the machine
    /// somewhere else.
    /// </summary>
    internal void Check(Successors expanded)
    {
        _steps?.Check(expanded);
        _machine.MakeCurrent(); // Steps may have been recorded by another one.
        if (expanded.Count == 0)
            _judge?.CheckEnd(expanded);

        _states?.Check(expanded);
        _forms?.Check(expanded);
        if (_machine.SharedUnseen is { } word)
            _search.RefuseSymmetry($"several tasks access {word} plainly, and data races are seen only without");
    }

    /// <summary>A new state in which nothing is wrong must have nothing wrong under any other names.</summary>
    internal void CheckNew(int[] memory, int[] stacks) => _judge?.CheckAny(memory, stacks);

    private static EveryStepCheck NewStepCheck(
        MachineImage image, Machine machine, FrameStore store, FrameCache frames, INameSwaps[] swaps)
    {
        if (machine.Memo is not null)
            return new EveryStepCheck(image, machine, frames, swaps, asksEveryState: false);

        // A search that performs every step needs somebody who records them.
        var recorder = new Machine(image, store, new MemoOptions());
        return new EveryStepCheck(image, recorder, new FrameCache(store, recorder.Pool), swaps, asksEveryState: true);
    }
}
