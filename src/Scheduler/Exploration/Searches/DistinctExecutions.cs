using System.Numerics;
using System.Runtime.InteropServices;
using Kmaplab.Scheduler.Exploration.Classes;
using Kmaplab.Scheduler.Simulation;
using Kmaplab.Scheduler.Simulation.Hardware;

namespace Kmaplab.Scheduler.Exploration.Searches;

/// <summary>
/// Counts the classes of the first executions, on a machine of its own that logs what each step touches.
/// </summary>
/// <remarks>
/// To compare all executions would take longer than to run them. How many are compared is settled after the first, by
/// its length: if it depended on what the others show, nothing could be concluded from them.
/// <para>
/// They are run as all others are, and only then a second time to see what they touch: the compiler shall find the code
/// as it will be run millions of times, and not as it is run here, when it decides how to optimize it.
/// </para>
/// </remarks>
internal sealed class DistinctExecutions
{
    private const int StepsMax = 200_000; // Of all of them, if they are as long as the first.
    private const int LeastExecutions = 2;
    private const int WordsAsStep = 16; // To forget so many words takes as long as a step.

    private readonly MachineImage _image;
    private readonly int _max;
    private readonly Dictionary<UInt128, (long Count, bool IsEarly)> _classes = [];
    private readonly List<DiscoveryPoint> _curve = []; // At powers of two.
    private readonly List<Transition> _schedules = []; // One behind the other.
    private readonly List<(int Steps, bool IsCutOff)> _kept = []; // The executions that they are of.
    private HappensBefore? _past;
    private int _firstSteps;
    private long _wanted;
    private long _begun;
    private long _later;
    private long _newLater;

    /// <summary>Compares so many executions at most.</summary>
    internal DistinctExecutions(MachineImage image, int max)
    {
        _image = image;
        _max = max;
    }

    /// <summary>Executions compared.</summary>
    internal long Compared { get; private set; }

    /// <summary>How many classes there were.</summary>
    internal int Count => _classes.Count;

    private bool IsLater => _begun > _wanted / 2;

    /// <summary>
    /// Keeps an execution that has just ended, if it is to be compared, by its number among those that may be.
    /// </summary>
    internal void Keep(Execution execution, long number, long last)
    {
        if (number == 1)
        {
            _wanted = Math.Min(_max, last);
            _firstSteps = execution.Steps;
        }
        else if (number == 2)
        {
            int cost = 1 + _firstSteps + (_image.Memory.Length / WordsAsStep);
            _wanted = Math.Min(_wanted, Math.Max(LeastExecutions, StepsMax / cost));
        }

        if (number > _wanted)
            return;

        _schedules.AddRange(execution.Schedule);
        _kept.Add((execution.Steps, execution.IsCutOff));
    }

    /// <summary>Compares those that were kept since the last call.</summary>
    internal void Compare()
    {
        if (_kept.Count == 0)
            return;

        _past ??= new HappensBefore(new Machine(_image, copyOnResume: false, logsTouches: true));
        ReadOnlySpan<Transition> schedules = CollectionsMarshal.AsSpan(_schedules);
        foreach ((int steps, bool isCutOff) in _kept)
        {
            _begun++;
            if (!isCutOff) // Where it was cut off says nothing of its class.
                Add(_past.Run(schedules[..steps]));

            schedules = schedules[steps..];
        }

        _kept.Clear();
        _schedules.Clear();
    }

    /// <summary>How many there were of each class.</summary>
    internal IReadOnlyDictionary<UInt128, long> Counts() =>
        _classes.ToDictionary(each => each.Key, each => each.Value.Count);

    /// <summary>How many classes there were after how many of them; null if none was compared.</summary>
    internal DiscoveryCurve? Curve() => Compared == 0 ? null
        : BitOperations.IsPow2(Compared) ? new DiscoveryCurve([.. _curve])
        : new DiscoveryCurve([.. _curve, new DiscoveryPoint(Compared, Count)]);

    /// <summary>What they say of executions to come; null if not all were run that were to be compared.</summary>
    internal ClassSample? Sample() => _begun < _wanted || _later == 0
        ? null
        : new ClassSample(Compared, _classes.Values.Count(each => each.Count == 1), _later, _newLater);

    private void Add(UInt128 fingerprint)
    {
        Compared++;
        bool isKnown = _classes.TryGetValue(fingerprint, out (long Count, bool IsEarly) known);
        _classes[fingerprint] = (known.Count + 1, isKnown ? known.IsEarly : !IsLater);
        if (BitOperations.IsPow2(Compared))
            _curve.Add(new DiscoveryPoint(Compared, Count));

        if (!IsLater)
            return;

        _later++;
        _newLater += isKnown && known.IsEarly ? 0 : 1;
    }
}
