using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Kmaplab.Scheduler.Simulation;
using Kmaplab.Scheduler.Simulation.Cells;
using Kmaplab.Scheduler.Simulation.Hardware;
using Kmaplab.Scheduler.Simulation.Memo;
using Kmaplab.Scheduler.Simulation.Operations;

namespace Kmaplab.Scheduler.Exploration.Looks;

/// <summary>What strategies ask of a state, answered by cells.</summary>
/// <remarks>
/// What a context is going to touch follows from its position and at most one cell, so it is found out once for each
/// position. Before a step that is performed as well, the machine is put into the state, and all answers are compared
/// with what it says.
/// </remarks>
internal sealed class CellLooks(CellMachine cells)
{
    private const int NoObject = int.MinValue; // Of nobody.

    private readonly CellState _state = cells.State;
    private readonly int[] _positions = cells.State.Positions;
    private readonly int _contexts = cells.State.Positions.Length;
    private Look[] _looks = []; // Of each position.
    private CellMap? _map;
    private int _known; // Positions that have one.

    /// <summary>The state.</summary>
    internal CellMachine Cells => cells;

    /// <summary>A bit for each context that can go on.</summary>
    internal ulong Ready { get; private set; }

    /// <summary>Whether there are few contexts, and none that can go on stands before a choice.</summary>
    internal bool IsOfFew => _contexts <= CellState.FewContexts && _state.Choices == 0;

    /// <summary>The machine stands in this state as well, to compare an answer with what it says.</summary>
    internal bool IsCompared { get; private set; }

    /// <summary>The state is another one, of which somebody asks now; these contexts can go on.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal void Begin(ulong ready)
    {
        Ready = ready;
        if (_map != cells.Map || _known != cells.Map.Positions.Count)
            Learn();
    }

    /// <summary>What a context that can go on is going to touch.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal PendingAccess AccessOf(int context)
    {
        ref readonly Look look = ref _looks[_positions[context]];
        return new PendingAccess(look.Object, _state[look.Writes.Cell] == look.Writes.Value, look.Sleep);
    }

    /// <summary>
    /// A bit for each context that can go on and whose order with an access makes a difference, its own among them.
    /// </summary>
    internal ulong RacersWith(PendingAccess access)
    {
        // There are few contexts, and nobody can guess which of them race: so no branch asks.
        ref Look looks = ref MemoryMarshal.GetArrayDataReference(_looks);
        ref int positions = ref MemoryMarshal.GetArrayDataReference(_positions);
        int touched = access.Object == PendingAccess.Nothing ? NoObject : access.Object;
        int isWrite = access.IsWrite ? 1 : 0;
        ulong racers = 0;
        for (int context = 0; context < _contexts; context++)
        {
            ref readonly Look look = ref Unsafe.Add(ref looks, Unsafe.Add(ref positions, context));
            int isSame = look.Object == touched ? 1 : 0;
            int writes = _state[look.Writes.Cell] == look.Writes.Value ? 1 : 0;
            int wakes = (look.Sleep | access.Sleep) == (SleepPart.Sleeps | SleepPart.Wakes) ? 1 : 0;
            racers |= (ulong)((isSame & (writes | isWrite)) | wakes) << context;
        }

        return racers & Ready;
    }

    /// <summary>The place of a context in the list of those that can go on, if none stands before a choice.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal int IndexOf(int context) => BitOperations.PopCount(Ready & ((1UL << context) - 1));

    /// <summary>The kind of operation that a context stands in front of.</summary>
    internal OperationKind KindOf(int context) => _looks[_positions[context]].Kind;

    /// <summary>
    /// Puts the machine into the state, and compares what may happen next there, and what that is going to touch.
    /// </summary>
    /// <param name="enabled">What may happen next.</param>
    /// <param name="current">Who has run last; -1 for nobody.</param>
    internal void Compare(ReadOnlySpan<Transition> enabled, int current)
    {
        cells.Place(current);
        Machine machine = cells.Machine;
        if (!machine.Enabled().SequenceEqual(enabled))
            throw Differs("what is enabled", List(machine.Enabled()), List(enabled));

        foreach (Transition transition in enabled)
        {
            int context = transition.Subject;
            PendingAccess said = transition.Kind == TransitionKind.Step ? AccessOf(context) : PendingAccess.None;
            var real = PendingAccess.Of(machine, transition);
            if (said != real)
                throw Differs($"what {machine.NameOf(context)} is going to touch", $"{real}", $"{said}");

            if (KindOf(context) != machine.Tasks.Operation(context))
            {
                throw Differs(
                    $"what {machine.NameOf(context)} is going to do",
                    $"{machine.Tasks.Operation(context)}",
                    $"{KindOf(context)}");
            }
        }

        IsCompared = true;
    }

    /// <summary>The comparison is over.</summary>
    internal void EndComparison() => IsCompared = false;

    /// <summary>An answer is not the machine's.</summary>
    internal static StepMemoException Differs(string what, string real, string said) =>
        StepMemoException.Differs($"the answer to {what}", $"it is {real}, and was to be {said}");

    private static string List(ReadOnlySpan<Transition> enabled) => string.Join(" ", enabled.ToArray());

    private void Learn()
    {
        if (_map != cells.Map)
            (_map, _known) = (cells.Map, 0);

        PositionTable positions = _map.Positions;
        if (_looks.Length < positions.Count)
            Array.Resize(ref _looks, Math.Max(positions.Count, 2 * _looks.Length));

        for (; _known < positions.Count; _known++)
            _looks[_known] = LookFrom(positions[_known]);
    }

    private Look LookFrom(Position position)
    {
        Operation pending = position.Pending;
        var access = PendingAccess.Of(pending, writes: true);
        bool isHidden = cells.HiddenFromLooks is { } hidden && hidden.Contains(access.Object);
        return new Look(
            isHidden ? PendingAccess.Nothing : access.Object,
            access.Sleep,
            pending.Kind,
            !access.IsWrite ? Readiness.Never : access.IsAlwaysWrite ? Readiness.Always : position.Writes);
    }

    private readonly record struct Look(int Object, SleepPart Sleep, OperationKind Kind, Readiness Writes);
}
