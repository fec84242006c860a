using Kmaplab.Scheduler.Coroutines.Stacks;
using Kmaplab.Scheduler.Detection;
using Kmaplab.Scheduler.Simulation;
using Kmaplab.Scheduler.Simulation.Hardware;
using Kmaplab.Scheduler.Simulation.Memo;
using Kmaplab.Scheduler.Verification.States;

namespace Kmaplab.Scheduler.Verification.Symmetry;

/// <summary>Performs every step that there is under all names, and tells if that leads to something else.</summary>
/// <remarks>
/// A step is a function of the stack that it resumes and of the words that it reads, and is recorded once
/// (<see cref="StepMemo"/>). Under other names it must read the same words, where they are then, and lead to the same,
/// under those names; then it does so in every state in which it is performed. What is performed for the first time
/// under other names is a step of its own, and is tried like the others: so all of them are tried, and no sample. One
/// thread, one object.
/// </remarks>
internal sealed class EveryStepCheck
{
    private const string TooMany = "there are too many different steps to try each of them under all names";

    private readonly Machine _machine;
    private readonly StepMemo _memo;
    private readonly StateTrial _trial;
    private readonly INameSwaps[] _swaps;
    private readonly NameDifference _difference;
    private readonly bool _asksEveryState;
    private readonly List<Transition> _noted = [];
    private readonly Stack<NewStep> _new = new();
    private readonly HashSet<int> _tried = []; // The recorded steps.
    private readonly TrialState _start; // The state with two names exchanged.
    private readonly TrialState _after; // Where the step leads to.
    private readonly TrialState _renamed; // The same with two names exchanged.
    private readonly TrialState _there; // Where the step leads to that begins with them exchanged.
    private readonly int[] _readIn; // The round in which each word was found among those that are read.
    private int _round;

    /// <param name="image">The machine.</param>
    /// <param name="machine">Who performs, and records.</param>
    /// <param name="frames">Its stacks.</param>
    /// <param name="swaps">What is alike.</param>
    /// <param name="asksEveryState">The machine is not the search's own, whose steps it must find itself.</param>
    internal EveryStepCheck(
        MachineImage image, Machine machine, FrameCache frames, INameSwaps[] swaps, bool asksEveryState)
    {
        _machine = machine;
        _memo = machine.Memo!;
        _trial = new StateTrial(machine, frames, looksUp: true);
        _swaps = swaps;
        _asksEveryState = asksEveryState;
        _difference = new NameDifference(image, frames);
        _start = new TrialState(image);
        _after = new TrialState(image);
        _renamed = new TrialState(image);
        _there = new TrialState(image);
        _readIn = new int[image.Memory.Length];
    }

    /// <summary>Steps that were tried so far.</summary>
    internal long Tried { get; private set; }

    /// <summary>The search has performed this step of the state that it expands for the first time.</summary>
    internal void Note(Transition transition) => _noted.Add(transition);

    /// <summary>
    /// The machine has performed a step that it has no room to record, so nobody knows whether it is new.
    /// </summary>
    internal void RefuseUnrecorded()
    {
        foreach (INameSwaps swaps in _swaps)
            swaps.Refuse(TooMany);
    }

    /// <summary>Tries the steps of a state that are new.</summary>
    internal void Check(Successors expanded)
    {
        if (_asksEveryState)
            NoteNewSteps(expanded);

        foreach (Transition transition in _noted)
            _new.Push(new NewStep(expanded.Memory, expanded.Stacks, transition));

        _noted.Clear();
        while (_new.TryPop(out NewStep step))
            Check(step);

        if (_tried.Count == _memo.Table.Steps.Count)
            return;

        // Whoever looks one up from now on takes it for one that was tried.
        foreach (INameSwaps swaps in _swaps)
            swaps.Refuse("a step was recorded that was not tried under other names");
    }

    private void NoteNewSteps(Successors expanded)
    {
        _trial.Load(expanded.Memory, expanded.Stacks);
        foreach (Transition transition in _machine.Enabled())
        {
            if (transition.IsStep && _memo.StepOf(transition) == 0)
                _noted.Add(transition);
        }
    }

    private void Check(NewStep step)
    {
        Tried++;
        FailureClass? here = _trial.Perform(step.Memory, step.Stacks, step.Transition, _after);
        int recorded = StepOf(step.Memory, step.Stacks, step.Transition);
        if (recorded != 0)
            _tried.Add(recorded);

        foreach (INameSwaps swaps in _swaps)
        {
            if ((here is null && recorded == 0) || Tried > swaps.StepsMax)
                swaps.Refuse(TooMany);

            for (int swap = 0; swap < swaps.Count && swaps.Obstacle is null; swap++)
                CheckSwap(step, here, recorded, swaps, swap);
        }
    }

    private void CheckSwap(in NewStep step, FailureClass? here, int recorded, INameSwaps swaps, int swap)
    {
        _start.CopyFrom(step.Memory, step.Stacks);
        swaps.Swap(swap, _start.Memory, _start.Stacks);
        _trial.Load(_start.Memory, _start.Stacks);
        Transition renamed = swaps.After(swap, step.Transition);
        if (!_machine.Enabled().Contains(renamed))
        {
            swaps.Refuse("exchanging two names changes who can go on");
            return;
        }

        long misses = _memo.Misses;
        FailureClass? there = _trial.Perform(_start.Memory, _start.Stacks, renamed, _there);
        if (_memo.Misses != misses && there is null)
            _new.Push(new NewStep(_start.Memory, _start.Stacks, renamed));

        if (here != there)
            swaps.Refuse(
                $"a step of task {step.Transition.Subject} is {(here ?? there)!.Value.Name()} or not, depending on "
                + "names");
        else if (here is null)
            Compare(recorded, StepOf(_start.Memory, _start.Stacks, renamed), swaps, swap);
    }

    private void Compare(int here, int there, INameSwaps swaps, int swap)
    {
        _renamed.CopyFrom(_after.Memory, _after.Stacks);
        swaps.Swap(swap, _renamed.Memory, _renamed.Stacks);
        if (_difference.Between(_renamed, _there, _machine.StateWords) is { } difference)
            swaps.Refuse(difference);
        else if (there == 0)
            swaps.Refuse(TooMany);
        else if (!IsAsMuch(_memo.Table.Steps.OutcomeOf(here), _memo.Table.Steps.OutcomeOf(there)))
            swaps.Refuse("whether a step finishes something depends on a name that it cannot rename");
        else if (ReadsElsewhere(here, there, swaps.PlacesAfter(swap)) is int word and >= 0)
            swaps.Refuse($"whether {_difference.NameOf(word)} is read depends on a name that it cannot rename");
    }

    private static bool IsAsMuch(StepOutcome here, StepOutcome there) =>
        here.Progress == there.Progress && here.Counts == there.Counts;

    /// <summary>
    /// A word that a step reads under other names, and whose counterpart it does not read under its own; -1 for none.
    /// </summary>
    private int ReadsElsewhere(int here, int there, int[] places)
    {
        RecordedSteps steps = _memo.Table.Steps;
        _round++;
        for (int i = 0; i < steps.Reads(here); i++)
            _readIn[places[steps.ReadAt(here, i).Address]] = _round;

        for (int i = 0; i < steps.Reads(there); i++)
        {
            int address = steps.ReadAt(there, i).Address;
            if (_readIn[address] != _round)
                return address;
        }

        return -1;
    }

    private int StepOf(int[] memory, int[] stacks, Transition transition)
    {
        _trial.Load(memory, stacks);
        return _memo.StepOf(transition);
    }

    /// <summary>A step that was recorded, and a state in which it is performed.</summary>
    private readonly struct NewStep(int[] memory, int[] stacks, Transition transition)
    {
        internal int[] Memory { get; } = [.. memory];

        internal int[] Stacks { get; } = [.. stacks];

        internal Transition Transition { get; } = transition;
    }
}
