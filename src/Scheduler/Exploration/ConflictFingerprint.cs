using Kmaplab.Scheduler.Exploration.Classes;
using Kmaplab.Scheduler.Exploration.Looks;
using Kmaplab.Scheduler.Simulation;
using Kmaplab.Scheduler.Simulation.Hardware;

namespace Kmaplab.Scheduler.Exploration;

/// <summary>
/// Tells executions apart that differ in the order of steps that touch the same object, at little cost and on every
/// machine.
/// </summary>
/// <remarks>
/// Rougher than <see cref="HappensBefore"/>, and cheap enough for every step: a transition without an object, such as
/// an interrupt, is placed by the steps of all before it, and words that are no operation's target are not seen. 64
/// bits, so good for learning from, and for nothing that is reported.
/// </remarks>
internal sealed class ConflictFingerprint
{
    private const ulong Golden = 0x9E37_79B9_7F4A_7C15;

    private int[] _steps = [];
    private ulong[] _lastWrites = [];
    private ulong[] _readsSince = [];
    private int _words;

    /// <summary>The fingerprint of the steps so far.</summary>
    internal ulong Value { get; private set; }

    /// <summary>No steps, on this machine.</summary>
    internal void Begin(Machine machine)
    {
        if (_words != machine.Memory.Length + PendingAccess.Unnumbered)
        {
            _words = machine.Memory.Length + PendingAccess.Unnumbered;
            _lastWrites = new ulong[_words];
            _readsSince = new ulong[_words];
        }
        else
        {
            Array.Clear(_lastWrites);
            Array.Clear(_readsSince);
        }

        if (_steps.Length < machine.Tasks.Contexts)
            _steps = new int[machine.Tasks.Contexts];

        Array.Clear(_steps);
        Value = 0;
    }

    /// <summary>Adds what is going to be performed.</summary>
    internal void Add(in SchedulingPoint point, Transition transition)
    {
        if (!transition.IsStep)
        {
            Value = Mix(Value + transition.Code + 1);
            return;
        }

        int context = transition.Subject;
        PendingAccess access = point.AccessOf(transition);
        int place = access.Object + PendingAccess.Unnumbered;
        ulong step = Mix(((ulong)++_steps[context] << 16) + transition.Code);
        if (access.Object != PendingAccess.Nothing)
        {
            step = Mix(step + _lastWrites[place] + (access.IsWrite ? _readsSince[place] : 0));
            if (access.IsWrite)
                (_lastWrites[place], _readsSince[place]) = (step, 0);
            else
                _readsSince[place] += step;
        }

        Value += step;
    }

    private static ulong Mix(ulong value)
    {
        value = (value ^ (value >> 32)) * Golden;
        value = (value ^ (value >> 29)) * 0xBF58_476D_1CE4_E5B9;
        return value ^ (value >> 32);
    }
}
