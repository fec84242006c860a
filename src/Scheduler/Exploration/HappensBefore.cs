using System.IO.Hashing;
using System.Runtime.InteropServices;
using Kmaplab.Scheduler.Simulation;
using Kmaplab.Scheduler.Simulation.Hardware;
using Kmaplab.Scheduler.Simulation.Operations;

namespace Kmaplab.Scheduler.Exploration;

/// <summary>
/// A fingerprint of an execution that does not depend on the order of steps that cannot see each other.
/// </summary>
/// <remarks>
/// Two executions have the same fingerprint if and only if one becomes the other by swapping neighbouring independent
/// steps (Mazurkiewicz, 1977), up to collisions of 128 bits. Each step is hashed with its task, its place in the task,
/// the last write of each object that it touches and, if it writes, the reads since; the fingerprint is the sum. Steps
/// are dependent if they are of the same task, or touch the same object and one of them writes. A failed
/// compare-and-exchange or trylock reads. Writes of page table entries are part of other steps and are not seen.
/// </remarks>
public sealed class HappensBefore
{
    private readonly Dictionary<int, UInt128> _lastWrites = [];
    private readonly Dictionary<int, UInt128> _readsSince = [];
    private readonly int[] _steps;

    /// <summary>The fingerprint of no steps, for a machine with so many contexts.</summary>
    public HappensBefore(int contexts) => _steps = new int[contexts];

    private HappensBefore(HappensBefore other)
    {
        _lastWrites = new Dictionary<int, UInt128>(other._lastWrites);
        _readsSince = new Dictionary<int, UInt128>(other._readsSince);
        _steps = [.. other._steps];
        Fingerprint = other.Fingerprint;
    }

    /// <summary>The fingerprint of the steps so far.</summary>
    public UInt128 Fingerprint { get; private set; }

    /// <summary>The same steps, to which others can be added.</summary>
    public HappensBefore Clone() => new(this);

    /// <summary>
    /// Adds the step that a context is about to perform; called before it, on a machine that does not fuse.
    /// </summary>
    public void Add(Machine machine, Transition transition)
    {
        ArgumentNullException.ThrowIfNull(machine);
        int context = transition.Subject;
        Operation operation = machine.Tasks.Pending(context);
        OperationRow row = OperationTable.Of(operation.Kind);
        bool writes = row.Writes(operation, machine.Memory);
        UInt128 step = Hash(
        [
            (UInt128)context,
            (UInt128)_steps[context]++,
            (UInt128)(int)operation.Kind,
            (UInt128)transition.Argument, // Which outcome a choice had.
            0,
        ]);
        switch (row.Target)
        {
            case OperationTarget.None:
                break;
            case OperationTarget.OwnState:
                step = Touch(step, StateOf(context), writes);
                break;
            case OperationTarget.Tlbs:
                step = Touch(step, TlbObject, writes);
                break;
            case OperationTarget.Place:
                step = Touch(step, TlbObject, isWrite: false);
                step = Touch(step, PageObject - operation.Target, writes);
                break;
            default:
                step = Touch(step, operation.Target, writes);
                break;
        }

        if (row.Effect == OperationEffect.Wakes)
        {
            for (int i = 0; i < machine.Queues.Count(operation.Target); i++)
                step = Touch(step, StateOf(machine.Queues.TaskAt(operation.Target, i)), isWrite: true);
        }

        Fingerprint += step;
    }

    // Objects are the addresses of words; what has no word of its own gets a negative number.
    private const int TlbObject = -1;
    private const int PageObject = -1_000_000;

    private static int StateOf(int context) => -2 - context;

    private UInt128 Touch(UInt128 step, int target, bool isWrite)
    {
        UInt128 lastWrite = _lastWrites.GetValueOrDefault(target);
        UInt128 reads = isWrite ? _readsSince.GetValueOrDefault(target) : 0;
        UInt128 hash = Hash([step, (UInt128)(uint)target, isWrite ? 1 : (UInt128)0, lastWrite, reads]);
        if (isWrite)
        {
            _lastWrites[target] = hash;
            _readsSince[target] = 0;
        }
        else
        {
            _readsSince[target] = reads + _readsSince.GetValueOrDefault(target) + hash;
        }

        return hash;
    }

    private static UInt128 Hash(ReadOnlySpan<UInt128> parts) => XxHash128.HashToUInt128(MemoryMarshal.AsBytes(parts));
}
