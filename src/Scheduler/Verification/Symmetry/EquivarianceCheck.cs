using Kmaplab.Scheduler.Coroutines.Stacks;
using Kmaplab.Scheduler.Detection;
using Kmaplab.Scheduler.Simulation;
using Kmaplab.Scheduler.Simulation.Hardware;
using Kmaplab.Scheduler.Verification.States;

namespace Kmaplab.Scheduler.Verification.Symmetry;

/// <summary>Performs transitions under other names as well, and tells if that leads to something else.</summary>
/// <remarks>
/// To take states for the same that differ in names only is right if renaming and stepping can change places. A name
/// that the renamer cannot see (a page's bucket in an int, a task's number in a closure, an array that does not say
/// what it is indexed by) breaks that. Steps are tried one and all (<see cref="EveryStepCheck"/>). This tries what is
/// no step, too (who can go on, what is said of the state after it), in the first states, wherever a new stack has
/// turned up, and in some others. A sample: what it does not meet, it does not refute. One thread, one object.
/// </remarks>
internal sealed class EquivarianceCheck
{
    private readonly Machine _machine;
    private readonly NameDifference _difference;
    private readonly StateTrial _trial;
    private readonly TaskSymmetry _symmetry;
    private readonly IReducedSearch _search;
    private readonly Transition[] _enabled;
    private readonly Side _here; // The state as it is.
    private readonly Side _there; // The state with two names exchanged.
    private readonly StateSample _sample;

    internal EquivarianceCheck(
        MachineImage image,
        Machine machine,
        FrameCache frames,
        TaskSymmetry symmetry,
        IReducedSearch search)
    {
        _machine = machine;
        _difference = new NameDifference(image, frames);
        _trial = new StateTrial(machine, frames);
        _symmetry = symmetry;
        _search = search;
        _enabled = new Transition[image.TransitionsMax];
        _here = new Side(image);
        _there = new Side(image);
        _sample = new StateSample(search);
    }

    /// <summary>
    /// Like tasks must start alike: the state in which the machine is must not change when neighbours are exchanged.
    /// </summary>
    internal void CheckStart(int[] stacks)
    {
        for (int swap = 0; swap < _symmetry.Swaps; swap++)
        {
            _here.Keep(_machine, stacks);
            _there.Keep(_machine, stacks);
            _symmetry.Swap(swap, _there.Memory, _there.Stacks);
            if (Difference() is { } difference)
                _search.RefuseSymmetry($"the tasks do not start alike: {difference}");
        }
    }

    /// <summary>Looks at a state that has been expanded, if its turn has come.</summary>
    internal void Check(Successors expanded)
    {
        if (!_sample.Takes(expanded))
            return;

        bool isAmongFirst = StateSample.IsAmongFirst(expanded); // All pairs of neighbours are exchanged in these.

        int swaps = _symmetry.Swaps;
        int first = isAmongFirst ? 0 : (int)((expanded.ParentHash >> 16) % (ulong)swaps);
        int end = isAmongFirst ? swaps : first + 1;
        for (int swap = first; swap < end && _search.ObstacleToSymmetry is null; swap++)
            CheckSwap(expanded, swap);

        _sample.IsDone();
    }

    private void CheckSwap(Successors expanded, int swap)
    {
        _trial.Load(expanded.Memory, expanded.Stacks);
        ReadOnlySpan<Transition> enabled = _machine.Enabled();
        int count = enabled.Length;
        enabled.CopyTo(_enabled);
        TrialState renamed = _there.Start;
        renamed.CopyFrom(expanded.Memory, expanded.Stacks);
        _symmetry.Swap(swap, renamed.Memory, renamed.Stacks);
        _trial.Load(renamed.Memory, renamed.Stacks);
        if (_machine.Enabled().Length != count)
            _search.RefuseSymmetry("exchanging the names of tasks changes who can go on");

        if (count == 0)
            Compare(
                _trial.Judge(expanded.Memory, expanded.Stacks),
                _trial.Judge(renamed.Memory, renamed.Stacks),
                "the end");

        for (int i = 0; i < count; i++)
            CheckTransition(expanded, swap, _enabled[i]);
    }

    private void CheckTransition(Successors expanded, int swap, Transition transition)
    {
        FailureClass? here = _trial.Perform(expanded.Memory, expanded.Stacks, transition, _here);
        int subject = _symmetry.AfterSwap(swap, transition.Subject);
        TrialState start = _there.Start;
        _trial.Load(start.Memory, start.Stacks);
        Transition renamed = transition.WithSubject(subject);
        if (!_machine.Enabled().Contains(renamed))
        {
            _search.RefuseSymmetry("exchanging the names of tasks changes who can go on");
            return;
        }

        FailureClass? there = _trial.Perform(start.Memory, start.Stacks, renamed, _there);
        if (!Compare(here, there, $"a step of task {transition.Subject}") || here is not null)
            return;

        FailureClass? hereLater = _trial.Judge(_here.Memory, _here.Stacks);
        if (
            !Compare(
                hereLater,
                _trial.Judge(_there.Memory, _there.Stacks),
                $"the state after a step of task {transition.Subject}"))
            return;

        _symmetry.Swap(swap, _here.Memory, _here.Stacks);
        _search.Canonicalize(_here.Memory);
        _search.Canonicalize(_there.Memory);
        if (Difference() is { } difference)
            _search.RefuseSymmetry(difference);
    }

    private bool Compare(FailureClass? here, FailureClass? there, string where)
    {
        if (here == there)
            return true;

        string found = (here ?? there)!.Value.Name();
        _search.RefuseSymmetry($"{where} is {found} or not, depending on the names of tasks");
        return false;
    }

    /// <summary>Where the two sides differ, in words; null if they do not.</summary>
    private string? Difference() => _difference.Between(_here, _there, _machine.StateWords);

    private sealed class Side(MachineImage image) : TrialState(image)
    {
        internal TrialState Start { get; } = new(image);
    }
}
