using Kmaplab.Scheduler.Exploration.Looks;
using Kmaplab.Scheduler.Simulation;
using Kmaplab.Scheduler.Simulation.Hardware;

namespace Kmaplab.Scheduler.Exploration.Strategies.Learned;

/// <summary>
/// Numbers the objects that steps touch, in the order in which they are met, and has a word for each object and
/// context: how often it touched it, or in which ways.
/// </summary>
internal sealed class TouchedObjects
{
    private const int ObjectsMax = 64; // Those that come later have no number.

    private int[] _words = []; // By object, and in that by context.
    private int[] _numbers = []; // 1 + the number of each object, by address.

    /// <summary>How many objects have a number, from 1.</summary>
    internal int Count { get; private set; }

    /// <summary>The words of an object, by context.</summary>
    internal Span<int> this[int number] => _words.AsSpan((number - 1) * Contexts, Contexts);

    private int Contexts { get; set; }

    /// <summary>Forgets all objects.</summary>
    internal void Clear()
    {
        Array.Clear(_words);
        Array.Clear(_numbers);
        Count = 0;
    }

    /// <summary>Has room for what this machine has.</summary>
    internal void SizeFor(Machine machine)
    {
        if (_numbers.Length < machine.Memory.Length + PendingAccess.Unnumbered)
            _numbers = new int[machine.Memory.Length + PendingAccess.Unnumbered];

        if (Contexts == machine.Tasks.Contexts)
            return;

        Contexts = machine.Tasks.Contexts;
        _words = new int[ObjectsMax * Contexts];
    }

    /// <summary>The number of what a transition is going to touch; 0 for nothing, and for what has none.</summary>
    internal int Find(in SchedulingPoint point, Transition transition) =>
        Touched(point, transition) is var touched and not PendingAccess.Nothing
            ? _numbers[touched + PendingAccess.Unnumbered]
            : 0;

    /// <summary>The same, but what is met for the first time gets a number, while there are some.</summary>
    internal int FindOrAdd(in SchedulingPoint point, Transition transition)
    {
        int touched = Touched(point, transition);
        if (touched == PendingAccess.Nothing)
            return 0;

        ref int number = ref _numbers[touched + PendingAccess.Unnumbered];
        if (number == 0 && Count < ObjectsMax)
            number = ++Count;

        return number;
    }

    /// <summary>Whether several contexts have touched it.</summary>
    internal bool IsShared(int number) => Contexts - MemoryExtensions.Count(this[number], 0) >= 2;

    private static int Touched(in SchedulingPoint point, Transition transition) =>
        transition.Kind == TransitionKind.Step ? point.AccessOf(transition).Object : PendingAccess.Nothing;
}
