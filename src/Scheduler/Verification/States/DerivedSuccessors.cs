using System.Runtime.InteropServices;
using Kmaplab.Scheduler.Coroutines.Stacks;
using Kmaplab.Scheduler.Detection;
using Kmaplab.Scheduler.Simulation;
using Kmaplab.Scheduler.Simulation.Hardware;
using Kmaplab.Scheduler.Simulation.Memo;

namespace Kmaplab.Scheduler.Verification.States;

/// <summary>
/// Successors as recorded steps tell them: which words change, and which stack. Nothing is performed.
/// </summary>
/// <remarks>
/// What could make it lie: all that makes a step that is looked up lie (<see cref="StepMemo"/>), and a successor that
/// is put together wrongly. So one of some hundred is performed as well, with nothing looked up, and everything that
/// the search keeps of it compared. One thread, one object.
/// </remarks>
internal sealed class DerivedSuccessors
{
    private readonly Machine _machine;
    private readonly StepMemo _memo;
    private readonly FrameCache _frames;
    private readonly StepGrowth _growth;
    private readonly int[] _stackWords = new int[MachineBuilder.StackHashWords];
    private readonly int[] _expected; // The memory of a successor that is compared,
    private readonly int[] _performed; // and what it really is.
    private CheckRhythm _checks;

    internal DerivedSuccessors(Machine machine, StepMemo memo, FrameCache frames, StateHasher hasher, int checkEvery)
    {
        _machine = machine;
        _memo = memo;
        _frames = frames;
        _growth = new StepGrowth(machine.Image, memo.Table.Steps, frames, hasher);
        _expected = new int[machine.Memory.Length];
        _performed = new int[machine.Memory.Length];
        _checks = new CheckRhythm(checkEvery);
    }

    /// <summary>Who brings them into form; null if the search keeps states as they are.</summary>
    internal ISuccessorForms? Forms { get; set; }

    /// <summary>How many were derived.</summary>
    internal long Count { get; private set; }

    /// <summary>The recorded step that a transition of the machine's memory is; 0 if it must be performed.</summary>
    internal int Find(Transition transition, Successors expanded) =>
        transition.IsStep ? _memo.Find(transition, expanded.Stacks[transition.Subject]) : 0;

    /// <summary>The same for all transitions of a state, which are looked up together.</summary>
    internal void FindAll(ReadOnlySpan<Transition> transitions, Successors expanded, Span<int> steps)
    {
        _memo.FindAll(transitions, expanded.Stacks, steps);
        foreach (int step in steps[..transitions.Length])
            _growth.Prefetch(step);
    }

    /// <summary>Whether the successor that was derived last is to be performed as well.</summary>
    internal bool IsDue() => _checks.IsDue();

    /// <summary>
    /// Notes that a recorded step leads on from the state that is being expanded, and to which hash; not what changes.
    /// </summary>
    internal void Derive(int step, Transition transition, Successors expanded, Successor successor)
    {
        Count++;
        int context = transition.Subject;
        StepOutcome outcome = _memo.Table.Steps.OutcomeOf(step);
        successor.Hash = expanded.FullHash + _growth.Of(step, context, expanded.Stacks[context], expanded.Memory);
        successor.Step = step;
        successor.IsDerived = true;
        successor.IsUnformed = false;
        successor.HasOwnStacks = false;
        successor.Top = null;
        successor.Names = 0;
        successor.Stack = outcome.Stack;
        successor.Transition = transition;
        successor.Changed = context;
        successor.IsProgress = outcome.Progress != 0;
    }

    /// <summary>Writes down what a successor that was derived changes, in form, unless it is written already.</summary>
    internal void WriteOut(Successor successor, Successors expanded)
    {
        if (successor.Step != 0)
            KeepChanges(successor, expanded);

        if (!successor.IsUnformed)
            return;

        successor.IsUnformed = false;
        Forms!.WriteOut(successor, expanded);
    }

    /// <summary>
    /// Writes down which words the transition of a successor that was derived changes, and no form of it; and not the
    /// hash of the stack, as whoever brings it into form knows stacks by number.
    /// </summary>
    internal void KeepChangedWords(Successor successor, Successors expanded)
    {
        int changes = _memo.Table.Steps.Changes(
            successor.Step, successor.Changed, expanded.Memory, successor.WordsToKeep, successor.ValuesToKeep);
        successor.KeepChanges(changes);
        successor.Step = 0;
    }

    /// <summary>Writes the hash of the stack that the transition of a successor leaves.</summary>
    internal void WriteStack(Successor successor, int[] memory) => Machine.RememberStack(
        _machine.Image, memory, successor.Changed, _frames.HashOf(successor.Stack));

    private void KeepChanges(Successor successor, Successors expanded)
    {
        KeepChangedWords(successor, expanded);
        int changes = ChangeStack(
            successor.Changed,
            successor.Stack,
            expanded.Memory,
            successor.ChangedWords.Length,
            successor.WordsToKeep,
            successor.ValuesToKeep);
        successor.KeepChanges(changes);
    }

    /// <summary>Compares a successor that was derived with the same one after it was performed.</summary>
    /// <exception cref="StepMemoException">They differ.</exception>
    internal void Compare(Successor derived, Successor performed, Successors expanded, Finding? finding)
    {
        if (finding is not null)
            throw Differs(derived, $"it ends in a finding ({finding.Message.Split('\n')[0]})");

        if (performed.Changed != derived.Changed || performed.IsProgress != derived.IsProgress)
            throw Differs(derived, "it moves somebody else on, or finishes something else");

        WriteOut(derived, expanded);
        bool isElsewhere = derived.HasOwnStacks
            ? !derived.Stacks.AsSpan().SequenceEqual(performed.Stacks)
            : _frames.NumberOf(performed.Top) != derived.Stack;
        if (isElsewhere || derived.Names != performed.Names)
            throw Differs(derived, "it stops somewhere else");

        derived.WriteTo(_expected, expanded.Memory);
        performed.WriteTo(_performed, expanded.Memory);
        int same = _performed.AsSpan().CommonPrefixLength(_expected);
        if (same < _expected.Length)
        {
            throw Differs(
                derived,
                $"{_machine.Image.NameOf(same)} is {_performed[same]} after it, and was to be {_expected[same]}");
        }

        if (derived.Hash != performed.Hash)
            throw Differs(derived, "the state has another hash");
    }

    // As Machine.RememberStack does, but without a machine.
    private int ChangeStack(int context, int stack, int[] memory, int changes, Span<int> words, Span<int> values)
    {
        int first = _machine.StateWords + (context * MachineBuilder.StackHashWords);
        MemoryMarshal.Write(MemoryMarshal.AsBytes(_stackWords.AsSpan()), _frames.HashOf(stack));
        for (int i = 0; i < _stackWords.Length; i++)
        {
            if (memory[first + i] == _stackWords[i])
                continue;

            (words[changes], values[changes]) = (first + i, _stackWords[i]);
            changes++;
        }

        return changes;
    }

    private StepMemoException Differs(Successor derived, string what) =>
        StepMemoException.Differs($"step {derived.Transition} of {_machine.NameOf(derived.Changed)}", what);
}
