using System.IO.Hashing;
using System.Runtime.InteropServices;
using Kmaplab.Scheduler.Kernel;
using Kmaplab.Scheduler.Simulation.Hardware;
using Kmaplab.Scheduler.Simulation.Memory;
using Kmaplab.Scheduler.Simulation.Operations;

namespace Kmaplab.Scheduler.Simulation.Cells;

/// <summary>Where contexts can stand: a stack, and the values of all words that only its context touches.</summary>
internal sealed class PositionTable
{
    private readonly WordRoles _roles;
    private readonly CellLayout _layout;
    private readonly int[][] _own; // Of each context, its words.
    private readonly Dictionary<UInt128, int> _numbers = [];
    private readonly List<Position> _positions = [];

    /// <summary>No positions yet.</summary>
    internal PositionTable(WordRoles roles, CellLayout layout, int contexts)
    {
        _roles = roles;
        _layout = layout;
        _own = new int[contexts][];
        for (int context = 0; context < contexts; context++)
            _own[context] = [.. Enumerable.Range(0, roles.Words).Where(word => roles.IsOwn(word, context))];
    }

    /// <summary>
    /// The number of positions; one before a choice has a number for each outcome, its own and those that follow.
    /// </summary>
    internal int Count => _positions.Count;

    internal Position this[int number] => _positions[number];

    /// <summary>
    /// The number of the position of a context on a stack, with its words as they are in memory; -1 for one that cells
    /// cannot express.
    /// </summary>
    internal int NumberOf(int context, int stack, int[] memory)
    {
        int[] own = _own[context];
        Span<int> key = stackalloc int[own.Length + 2];
        (key[0], key[1]) = (context, stack);
        for (int i = 0; i < own.Length; i++)
            key[i + 2] = memory[own[i]];

        UInt128 hash = XxHash128.HashToUInt128(MemoryMarshal.AsBytes(key));
        if (_numbers.TryGetValue(hash, out int number))
            return number;

        number = -1;
        if (ReadinessOf(context, memory) is { } readiness)
        {
            number = _positions.Count;
            Operation pending = TaskTable.PendingIn(memory, context);
            var position = new Position(context, stack, key[2..].ToArray(), readiness)
            {
                Pending = pending,
                Writes = WritesOf(pending, memory),
            };
            for (int outcome = 0; outcome < readiness.Outcomes; outcome++)
                _positions.Add(position);
        }

        _numbers.Add(hash, number);
        return number;
    }

    /// <summary>Writes the words of a position's context.</summary>
    internal void Write(int number, int[] memory)
    {
        Position position = _positions[number];
        int[] own = _own[position.Context];
        for (int i = 0; i < own.Length; i++)
            memory[own[i]] = position.Words[i];
    }

    /// <summary>The words of a context, in the order in which positions have their values.</summary>
    internal ReadOnlySpan<int> OwnWords(int context) => _own[context];

    /// <summary>
    /// The word that decides whether a context goes on from its position, or whether that writes; -1 for none.
    /// </summary>
    internal static int WordAwaited(int context, int[] memory)
    {
        Operation pending = TaskTable.PendingIn(memory, context);
        OperationRow row = OperationTable.Of(pending.Kind);
        bool isDecided = row.Waits is WaitCondition.Free or WaitCondition.Compares
            || row.Effect is OperationEffect.WritesIfFree or OperationEffect.WritesIfExpected;
        return isDecided ? pending.Target : -1;
    }

    // The same rules as EnabledTransitions has, for a context that will stand here.
    private Readiness? ReadinessOf(int context, int[] memory)
    {
        int status = TaskTable.StatusAddress(context);
        if (_layout.CellOf(status) < 0 && memory[status] != (int)ContextStatus.Runnable)
            return Readiness.Never;

        Operation pending = TaskTable.PendingIn(memory, context);
        switch (OperationTable.Of(pending.Kind).Waits)
        {
            case WaitCondition.Free:
                return When(pending.Target, 0, memory);
            case WaitCondition.Compares when AwaitArgument.ComparisonOf(pending) == Comparison.Equal:
                return When(pending.Target, pending.Argument, memory);
            case WaitCondition.Compares or WaitCondition.Answered:
                return null;
            default: // Whoever is woken is runnable, and that is told apart.
                return pending.Kind == OperationKind.Choose
                    ? OfChoice(pending.Argument)
                    : Readiness.Always;
        }
    }

    // The same rules as OperationRow has.
    private Readiness WritesOf(Operation pending, int[] memory) => OperationTable.Of(pending.Kind).Effect switch
    {
        OperationEffect.Writes => Readiness.Always,
        OperationEffect.WritesIfFree => When(pending.Target, 0, memory),
        OperationEffect.WritesIfExpected => When(pending.Target, pending.Argument, memory),
        _ => Readiness.Never,
    };

    private static Readiness? OfChoice(int outcomes) => outcomes is > 0 and <= Transition.MaxOutcomes
        ? Readiness.Always with { Outcomes = (byte)outcomes }
        : null;

    private Readiness When(int word, int value, int[] memory)
    {
        int cell = _layout.CellOf(word);
        return cell >= 0
            ? new Readiness((byte)cell, _layout.CodeOf(value), 1)
            : memory[word] == value ? Readiness.Always : Readiness.Never;
    }
}
