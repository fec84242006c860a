using System.IO.Hashing;
using System.Runtime.InteropServices;
using System.Text;
using Kmaplab.Scheduler.Detection;
using Kmaplab.Scheduler.Exploration;
using Kmaplab.Scheduler.Exploration.Classes;
using Kmaplab.Scheduler.Exploration.Looks;
using Kmaplab.Scheduler.Simulation;
using Kmaplab.Scheduler.Simulation.Hardware;
using Kmaplab.Scheduler.Simulation.Memory;
using Kmaplab.Scheduler.Traces;

namespace Kmaplab.Scheduler.Minimization;

/// <summary>
/// What happens in a schedule, whoever does it: the same for two in which like tasks have changed places, and for two
/// that become each other by swapping steps that cannot see each other.
/// </summary>
/// <remarks>
/// Each step is hashed with what it is, the step of the same task or CPU before it, and for its object and each state
/// of a task that it touches the last write and, if it writes, the reads since; as a step before is itself such a hash,
/// no number of a task and no address is in it. The shape is the sum. Other words are left out, as pages are numbers in
/// them. So two that differ may be the same here: it is for putting failures together, and for nothing that is proved.
/// </remarks>
public sealed class FailureShape : IExecutionObserver
{
    private readonly HappensBefore _past;
    private readonly UInt128[] _labels;
    private readonly UInt128[] _latest; // By context, and after them by CPU.
    private readonly Dictionary<int, (UInt128 LastWrite, UInt128 ReadsSince)> _words = [];
    private readonly HashSet<int> _states; // Words that say what a task is doing.
    private PendingAccess _access;
    private UInt128 _value;

    private FailureShape(Machine machine, UInt128[] labels)
    {
        _past = new HappensBefore(machine);
        _labels = labels;
        _latest = new UInt128[machine.Tasks.Contexts + machine.Cpus.Count];
        _states = [.. Enumerable.Range(0, machine.Tasks.Contexts).Select(TaskTable.StateAddress)];
    }

    /// <summary>The shape of a schedule on a machine that follows it.</summary>
    /// <param name="image">The machine.</param>
    /// <param name="transitions">The schedule.</param>
    /// <param name="failure">The class of failure at its end.</param>
    /// <param name="loop">Transitions at its end that lead back to where they began; 0 for a run that ends.</param>
    public static UInt128 Of(MachineImage image, Transition[] transitions, FailureClass failure, int loop = 0)
    {
        ArgumentNullException.ThrowIfNull(transitions);
        var trace = ExecutionTrace.Record(new Machine(image), transitions, failure, loop);
        var machine = new Machine(image, copyOnResume: false, logsTouches: true);
        var shape = new FailureShape(machine, [.. trace.Steps.Select(LabelOf)]);
        new Execution(machine, observers: shape).Follow(new ReplayStrategy(transitions));
        return shape._value;
    }

    void IExecutionObserver.OnBegin(Machine machine) => _past.Clear();

    void IExecutionObserver.OnChosen(in SchedulingPoint point, Transition choice)
    {
        _access = PendingAccess.Of(point.Machine, choice);
        _past.Before(choice);
    }

    void IExecutionObserver.OnPerformed(Machine machine, int step, Transition choice)
    {
        _past.After();
        var touched = new Dictionary<int, bool>();
        if (_access.Object != PendingAccess.Nothing)
            touched.Add(_access.Object, _access.IsWrite);

        foreach ((int address, bool isWrite) in _past.Touches)
        {
            if (_states.Contains(address))
                touched[address] = isWrite || touched.GetValueOrDefault(address);
        }

        UInt128 seen = 0; // A sum, as words have no order here.
        foreach ((int address, bool isWrite) in touched)
        {
            (UInt128 lastWrite, UInt128 readsSince) = _words.GetValueOrDefault(address);
            seen += isWrite ? Hash(2, lastWrite, readsSince) : Hash(1, lastWrite);
        }

        int actor = choice.IsStep ? choice.Subject : machine.Tasks.Contexts + choice.Subject;
        UInt128 hash = Hash(step < _labels.Length ? _labels[step] : 0, _latest[actor], seen);
        _latest[actor] = hash;
        foreach ((int address, bool isWrite) in touched)
        {
            (UInt128 lastWrite, UInt128 readsSince) = _words.GetValueOrDefault(address);
            _words[address] = isWrite ? (hash, 0) : (lastWrite, readsSince + hash);
        }

        _value += hash;
    }

    // What it is, without who, and without of what: that is numbered.
    private static UInt128 LabelOf(TraceStep step)
    {
        TraceOperation? operation = step.Operations is [var first, ..] ? first : null;
        IEnumerable<char> word = (operation?.Text ?? "").TakeWhile(letter => char.IsLetter(letter) || letter == '_');
        string label = $"{step.Transition.Kind} {operation?.Function} {string.Concat(word)}";
        return XxHash128.HashToUInt128(Encoding.UTF8.GetBytes(label));
    }

    private static UInt128 Hash(params ReadOnlySpan<UInt128> parts) =>
        XxHash128.HashToUInt128(MemoryMarshal.AsBytes(parts));
}
