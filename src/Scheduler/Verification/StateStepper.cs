using Kmaplab.Scheduler.Coroutines;
using Kmaplab.Scheduler.Coroutines.Stacks;
using Kmaplab.Scheduler.Detection;
using Kmaplab.Scheduler.Simulation;
using Kmaplab.Scheduler.Simulation.Fusion;
using Kmaplab.Scheduler.Simulation.Hardware;
using Kmaplab.Scheduler.Simulation.Operations;
using Kmaplab.Scheduler.Verification.Progress;
using Kmaplab.Scheduler.Verification.Runs;
using Kmaplab.Scheduler.Verification.States;
using Kmaplab.Scheduler.Verification.Symmetry;
using Kmaplab.Scheduler.Verification.Symmetry.Checks;
using Kmaplab.Scheduler.Verification.Symmetry.Forms;

namespace Kmaplab.Scheduler.Verification;

/// <summary>
/// A machine that can be put into any state: it unpacks states, tries transitions, and packs what comes out.
/// </summary>
/// <remarks>One thread, one object.</remarks>
internal sealed class StateStepper
{
    private readonly SharedSearch _search;
    private readonly StateCodec _codec;
    private readonly StateHasher _hasher;
    private readonly int _contexts;
    private readonly FrameCache _frames;
    private readonly TaskSymmetry? _symmetry;
    private readonly RenamingCache? _renamings;
    private readonly bool _putsRoundsFirst;
    private readonly ReductionChecks? _checks;
    private readonly DerivedSuccessors? _derived; // Null if every transition has to be performed.
    private readonly FormedSuccessors? _forms; // Null if they need none.
    private readonly NewStates _new;
    private readonly Successor _performed; // One that was derived, and is compared.
    private readonly int[] _steps; // Those of the transitions that are being tried; 0 for those not recorded.
    private int _stepsFound;
    private int _stepsTried;
    private bool _hasRenamed; // The latest transition that was tried.
    private bool _hasMemory; // The machine has the memory of the state that is being expanded,
    private bool _hasStacks; // and its stacks.

    internal StateStepper(MachineImage image, SharedSearch search)
    {
        _search = search;
        Machine = search.Memo is { } memo
            ? new Machine(image, search.Frames, memo)
            : new Machine(image, copyOnResume: true);
        _putsRoundsFirst =
            Machine.Fusion.Watch is not null
            && search.Graph is null
            && image.Options.Points.HasFlag(SchedulingPoints.Observable);
        _codec = new StateCodec(image.Memory, image.StackBase, image.Contexts);
        _hasher = new StateHasher(image.Memory.Length);
        _contexts = image.Contexts;
        _steps = new int[image.TransitionsMax];
        _frames = new FrameCache(search.Frames, Machine.Pool);
        _symmetry = search.HasTaskSymmetry ? new TaskSymmetry(image, _frames) : null;
        _renamings = search.Graph is { } graph ? new RenamingCache(graph.Renamings) : null;
        Runs = new FormedRuns(Machine, _frames, _symmetry, search, _codec, _hasher);
        RealNames = new RealNames(image.Contexts, _symmetry is null ? null : Runs);
        _performed = new Successor(image.Memory.Length, image.Contexts);
        _derived = Machine.Memo is { } steps
            ? new DerivedSuccessors(Machine, steps, _frames, _hasher, search.Memo!.CheckEvery)
            : null;
        if (_derived is not null && (_symmetry is not null || search.Canonicalizes))
        {
            var stacks = new StackHashes(image, _frames, _hasher);
            _forms = new FormedSuccessors(
                image, _hasher, _derived, stacks, _symmetry, search, search.Memo!.HiddenFromForms);
            _derived.Forms = _forms;
        }

        var judging = new StateCheckOptions(search.IsExact, search.StopsAtWrong, search.Memo?.CheckEvery ?? 1);
        _new = new NewStates(
            Machine,
            _codec,
            _frames,
            _derived,
            sight => new StateChecks(sight, _codec, _hasher, search.CheckReads, judging));
        _checks = search.TrustsSymmetry
            ? null
            : new ReductionChecks(image, Machine, search.Frames, _frames, _symmetry, search);
    }

    internal Machine Machine { get; }

    /// <summary>Runs of the machine from its start.</summary>
    internal FormedRuns Runs { get; }

    /// <summary>Runs of which the search saw others, in real names.</summary>
    internal RealNames RealNames { get; }

    /// <summary>
    /// The new name of each context after the latest transition that was tried; empty if all keep theirs.
    /// </summary>
    internal ReadOnlySpan<int> NewNames => _hasRenamed ? _symmetry!.NewNames : [];

    /// <inheritdoc cref="StateChecks.Asked"/>
    internal long Asked => _new.Asked;

    /// <summary>Transitions of which recorded steps have told where they lead to.</summary>
    internal long Derived => _derived?.Count ?? 0;

    /// <summary>The most bytes that a packed state takes.</summary>
    internal int BytesMax => _codec.BytesMax;

    /// <summary>
    /// The transitions that need be tried: all, or those of one task that stands before the choice of another round.
    /// </summary>
    /// <remarks>
    /// An ample set (D. Peled, "All from One, One for All", 1993). The choice, and the code behind it up to the next
    /// operation, touch nothing that others touch: no lock is held, no visible operation is part of the step, and plain
    /// accesses of shared words are obstacles to fusion (<see cref="FusionWatch"/>). So it commutes with all that
    /// others do, and changes nothing that is checked. No cycle consists of such steps alone: each takes its task away
    /// from its choice, and none brings a task to one; should a step lead from one choice of its task to the next, that
    /// is an obstacle too. Not with a graph, as whoever looks for endless runs must see who could have run.
    /// </remarks>
    internal ReadOnlySpan<Transition> Ample(ReadOnlySpan<Transition> enabled)
    {
        if (!_putsRoundsFirst)
            return enabled;

        for (int i = 0; i < enabled.Length; i++)
        {
            int context = enabled[i].Subject;
            if (
                enabled[i].Kind == TransitionKind.Choose
                && Machine.IsBeforeRound(context)
                && Machine.Tasks.Locks(context) == 0)
                return enabled.Slice(i, 2);
        }

        return enabled;
    }

    /// <inheritdoc cref="FormedRuns.EncodeStart"/>
    internal int EncodeStart(Span<byte> target, out UInt128 hash)
    {
        _checks?.CheckStart(Runs.StartStacks());
        return Runs.EncodeStart(target, out hash);
    }

    /// <summary>Unpacks a state, and puts the machine into it.</summary>
    internal void Restore(ReadOnlySpan<byte> state, Successors expanded)
    {
        _codec.Decode(state, expanded.Memory, expanded.Stacks);
        for (int context = 0; context < _contexts; context++)
        {
            UInt128 hash = _frames.HashOf(expanded.Stacks[context]);
            Machine.RememberStack(Machine.Image, expanded.Memory, context, hash);
        }

        Machine.RestoreMemory(expanded.Memory);
        (_hasMemory, _hasStacks) = (true, false);
        if (_derived is null)
            PutStacks(expanded);
        else
            _forms?.Begin(expanded, Machine.Memory);
    }

    /// <summary>
    /// Puts the machine altogether into the state that is being expanded, of which it has the memory alone as long as
    /// nothing has to be performed.
    /// </summary>
    internal void PutStacks(Successors expanded)
    {
        if (_hasStacks)
            return;

        for (int context = 0; context < _contexts; context++)
        {
            expanded.Tops[context] = _frames[expanded.Stacks[context]];
            RestoreStack(context, expanded.Tops[context]);
        }

        _hasStacks = true;
    }

    private void PutMemory(Successors expanded)
    {
        if (!_hasMemory)
            Machine.RestoreMemory(expanded.Memory);

        _hasMemory = true;
    }

    private void RestoreStack(int context, Frame? top)
    {
        // Most contexts are where they were; and to store a reference costs more than to compare it.
        if (Machine.Stack(context).Top != top)
            Machine.RestoreStack(context, top);
    }

    /// <summary>Looks up the steps that some transitions are, all at once, as each look waits for memory.</summary>
    internal void FindSteps(ReadOnlySpan<Transition> transitions, Successors expanded)
    {
        _stepsTried = _stepsFound = 0;
        if (_derived is null || _forms is null)
            return; // Between two of them there is too little to do for that to pay.

        _derived.FindAll(transitions, expanded, _steps);
        _stepsFound = transitions.Length;
    }

    /// <summary>Tries the next one of them, as <see cref="Try(Transition, Successors)"/> does.</summary>
    internal Finding? TryNext(Transition transition, Successors expanded)
    {
        int next = _stepsTried++;
        return next < _stepsFound ? Try(transition, expanded, _steps[next]) : Try(transition, expanded);
    }

    /// <summary>
    /// Finds out where a transition of the state that is being expanded leads to, and notes it; yields what is wrong,
    /// in which case it notes nothing.
    /// </summary>
    internal Finding? Try(Transition transition, Successors expanded)
    {
        PutMemory(expanded);
        return Try(transition, expanded, _derived?.Find(transition, expanded) ?? 0);
    }

    private Finding? Try(Transition transition, Successors expanded, int step)
    {
        PutMemory(expanded);
        if (_derived is null || step == 0)
        {
            return TryOnMachine(transition, expanded);
        }

        Successor successor = expanded.Next();
        _derived.Derive(step, transition, expanded, successor);
        if (_forms is not null)
            BringIntoForm(successor, expanded);

        if (_derived.IsDue())
            _derived.Compare(successor, _performed, expanded, TryOnMachine(transition, expanded, _performed));

        return null;
    }

    /// <summary>Names a successor that was derived as the search does.</summary>
    private void BringIntoForm(Successor successor, Successors expanded)
    {
        _hasRenamed = _forms!.Form(successor, expanded, Machine.Memory);
        if (_hasRenamed)
            successor.Names = NumberOfNames(_symmetry!);
    }

    /// <summary>Performs a transition; nothing is looked up for somebody who compares.</summary>
    private Finding? TryOnMachine(Transition transition, Successors expanded, Successor? compared = null)
    {
        PutMemory(expanded);
        PutStacks(expanded);
        _hasMemory = false;
        _stepsFound = 0; // What is performed may change what can be looked up.
        long progress = Machine.Progress;
        _checks?.BeginStep();
        if (compared is null)
        {
            Machine.Perform(transition);
        }
        else
        {
            Machine.MakeCurrent();
            Machine.PerformItself(transition);
        }

        _checks?.EndStep(transition);
        int changed = Machine.CurrentContext;
        if (transition.Kind == TransitionKind.Choose && Machine.IsBeforeRound(changed))
            Machine.Fusion.Watch?.RefuseRound(changed);

        if (Machine.Finding is { } finding)
        {
            Machine.DiscardStack(changed);
            Machine.RestoreStack(changed, expanded.Tops[changed]);
            return finding;
        }

        Successor successor = compared ?? expanded.Next();
        successor.Names = 0;
        successor.Step = 0;
        successor.IsDerived = false;
        successor.IsUnformed = false;
        successor.Changed = changed;
        Machine.RememberStack(changed);
        if (_symmetry is null)
            successor.Top = Machine.Stack(changed).Top;
        else
            Rename(expanded, successor, changed);

        _search.Canonicalize(Machine.Memory);
        successor.Hash = _hasher.Next(expanded.FullHash, expanded.Memory, Machine.Memory);
        successor.KeepChanges(_hasher.ChangedWords, _hasher.ChangedValues);
        successor.Transition = transition;
        successor.IsProgress = Machine.Progress != progress;
        Machine.RestoreStack(changed, expanded.Tops[changed]);
        return null;
    }

    /// <summary>
    /// Tries some of the expanded states under other names and in other forms; leaves the machine somewhere else.
    /// </summary>
    internal void CheckSymmetry(Successors expanded) => _checks?.Check(expanded);

    /// <summary>Packs a successor; yields the number of bytes.</summary>
    internal int Encode(Successors waiting, Successor successor, Span<byte> target) =>
        _new.Encode(waiting, successor, target);

    /// <summary>Looks at the state that was packed last; yields what is wrong with it.</summary>
    internal Finding? CheckEncoded(Successors waiting, Successor successor)
    {
        (_hasMemory, _hasStacks) = (false, false);
        Finding? finding = _new.FindWrong(waiting, successor);
        if (finding is null)
            _checks?.CheckNew(_new.Memory, _new.Stacks);

        return finding;
    }

    /// <inheritdoc cref="NewStates.AskWrong"/>
    internal Finding? AskEncoded()
    {
        (_hasMemory, _hasStacks) = (false, false);
        return _new.AskWrong();
    }

    /// <summary>Gives back the frames of a call chain that nobody keeps.</summary>
    internal void Discard(Frame? top) => Frame.ReturnUnkept(top, Machine.Pool);

    /// <summary>Gives back what a detector made that has run the machine on.</summary>
    internal void DiscardStacks()
    {
        for (int context = 0; context < _contexts; context++)
            Machine.DiscardStack(context);
    }

    private void Rename(Successors expanded, Successor successor, int changed)
    {
        successor.TakeStacks(expanded.Stacks, _frames.NumberOf(Machine.Stack(changed).Top));
        Machine.RestoreStack(changed, _frames[successor.Stacks[changed]]);
        _hasRenamed = _symmetry!.Canonicalize(Machine, successor.Stacks);
        if (!_hasRenamed)
            return;

        successor.Names = NumberOfNames(_symmetry);
        for (int context = 0; context < _contexts; context++)
            RestoreStack(context, expanded.Tops[context]);
    }

    private int NumberOfNames(TaskSymmetry symmetry) =>
        _renamings?.NumberOf(symmetry.RenamingOf(symmetry.NewNames).Number, symmetry.NewNames) ?? 0;
}
