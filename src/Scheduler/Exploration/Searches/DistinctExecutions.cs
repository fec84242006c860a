using System.Numerics;
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
/// </remarks>
internal sealed class DistinctExecutions : IExecutionObserver
{
    private const int StepsMax = 200_000; // Of all of them, if they are as long as the first.
    private const int LeastExecutions = 2;
    private const int WordsAsStep = 16; // To forget so many words takes as long as a step.

    private readonly MachineImage _image;
    private readonly int _cutOffAfter;
    private readonly int _max;
    private readonly Dictionary<UInt128, (long Count, bool IsEarly)> _classes = [];
    private readonly List<DiscoveryPoint> _curve = []; // At powers of two.
    private HappensBefore? _past;
    private Execution? _execution;
    private long _wanted;
    private long _begun;
    private long _later;
    private long _newLater;

    /// <summary>Compares so many executions at most, which are cut off after so many steps.</summary>
    internal DistinctExecutions(MachineImage image, int cutOffAfter, int max)
    {
        _image = image;
        _cutOffAfter = cutOffAfter;
        _max = max;
    }

    /// <summary>Executions compared.</summary>
    internal long Compared { get; private set; }

    /// <summary>How many classes there were.</summary>
    internal int Count => _classes.Count;

    private bool IsLater => _begun > _wanted / 2;

    /// <summary>
    /// What runs an execution that is to be compared, by its number among those that may be; null if this one is not.
    /// </summary>
    internal Execution? Next(long number, long last)
    {
        if (number == 1 && _max > 0)
        {
            var machine = new Machine(_image, copyOnResume: false, logsTouches: true);
            _past = new HappensBefore(machine);
            _execution = new Execution(machine, _cutOffAfter, this);
            _wanted = Math.Min(_max, last);
        }
        else if (number == 2 && _max > 0)
        {
            int cost = 1 + _execution!.Steps + (_image.Memory.Length / WordsAsStep);
            _wanted = Math.Min(_wanted, Math.Max(LeastExecutions, StepsMax / cost));
        }

        if (number > _wanted)
            return null;

        _begun = number;
        return _execution;
    }

    public void OnBegin(Machine machine) => _past!.Clear();

    public void OnChosen(in SchedulingPoint point, Transition choice) => _past!.Before(choice);

    public void OnPerformed(Machine machine, int step, Transition choice) => _past!.After();

    /// <summary>Counts the execution that has just ended.</summary>
    internal void Add()
    {
        if (_execution!.IsCutOff)
            return; // Where it was cut off says nothing of its class.

        Compared++;
        UInt128 fingerprint = _past!.Fingerprint;
        bool isKnown = _classes.TryGetValue(fingerprint, out (long Count, bool IsEarly) known);
        _classes[fingerprint] = (known.Count + 1, isKnown ? known.IsEarly : !IsLater);
        if (BitOperations.IsPow2(Compared))
            _curve.Add(new DiscoveryPoint(Compared, Count));

        if (!IsLater)
            return;

        _later++;
        _newLater += isKnown && known.IsEarly ? 0 : 1;
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
}
