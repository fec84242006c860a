using Kmaplab.Scheduler.Simulation;

namespace Kmaplab.Scheduler.Exploration.Strategies;

/// <summary>
/// Gives two of five executions to the strategy that is best in most cases, and shares the rest among all others: more
/// to those that show more executions of a kind not seen before.
/// </summary>
/// <remarks>
/// Of a kind are executions with the same order of conflicting steps. Each of the others has one execution first, so
/// that what any of them finds at once is found soon. What is learned is learned anew in each chunk, so that the number
/// of threads does not matter; nobody gets less than a fixed share, as what is new need not be what is wrong. What all
/// of them have not found in three chunks may be too rare for them: from then on every second chunk is
/// <see cref="RareStrategy"/>'s, which has to learn first and so needs a whole one.
/// </remarks>
[Strategy("auto", "all of these in turn, more often those that show more that is new")]
public sealed class AutoStrategy : SearchStrategy, IPointStrategy
{
    private const int Round = 5; // Executions, of which two go to the first strategy.
    private const double LeastDiscovery = 0.2;
    private const int Slots = 4 * ChunkSize;
    private const int SharedChunks = 3; // At first.

    private readonly RareStrategy _rare;
    private readonly SearchStrategy[] _strategies;
    private readonly double[] _weights; // What each is owed if all show as much that is new.
    private readonly int[] _executions;
    private readonly int[] _new;
    private readonly ulong[] _seen = new ulong[Slots];
    private readonly ConflictFingerprint _fingerprint = new();
    private int _begun;
    private int _current;
    private bool _isFresh;
    private bool _isLeft; // The chunk, to the one for what is rare.

    /// <summary>Shares among the strategies of the library.</summary>
    public AutoStrategy(ulong seed)
    {
        _rare = new RareStrategy(seed);
        (_strategies, _weights) = Split(
        [
            (new KindStrategy(seed), 1),
            (new PctStrategy(seed), 0.5),
            (new DelayBoundStrategy(seed), 0.2),
            (new UrwStrategy(seed), 2),
            (new SurwStrategy(seed), 1.2),
            (new PreemptionBoundStrategy(seed), 0.3),
            (new RandomWalkStrategy(seed), 0.6),
            (new PosStrategy(seed), 0.3),
            (new StarvationStrategy(seed), 0.3),
        ]);
        _executions = new int[_strategies.Length];
        _new = new int[_strategies.Length];
    }

    /// <inheritdoc/>
    public override string Name => "auto";

    /// <inheritdoc/>
    public override bool IsRepresentative => false;

    private bool IsTurnOfFirst => _begun % Round is 0 or 2;

    /// <summary>The executions that each strategy had in this chunk.</summary>
    internal IEnumerable<(string Name, int Executions)> Shares =>
        _strategies.Select((strategy, i) => (strategy.Name, _executions[i]));

    /// <inheritdoc/>
    public override void Forget()
    {
        Array.Clear(_executions);
        Array.Clear(_new);
        Array.Clear(_seen);
        _begun = 0;
        _rare.Forget();
        foreach (SearchStrategy strategy in _strategies)
            strategy.Forget();
    }

    /// <inheritdoc/>
    public override void Begin(long execution)
    {
        long chunk = (execution - 1) / ChunkSize;
        _isLeft = chunk >= SharedChunks && (chunk - SharedChunks) % 2 == 0;
        if (_isLeft)
        {
            _rare.Begin(execution);
            return;
        }

        _current = IsTurnOfFirst ? 0 : 1;
        for (int i = 2; i < _strategies.Length && !IsTurnOfFirst; i++)
        {
            if (Claim(i) > Claim(_current))
                _current = i;
        }

        _begun++;
        _isFresh = true;
        _strategies[_current].Begin(execution);
    }

    /// <inheritdoc/>
    public override int Choose(in SchedulingPoint point)
    {
        if (_isLeft)
            return _rare.Choose(point);

        if (_isFresh)
        {
            _isFresh = false;
            _fingerprint.Begin(point.Machine);
        }

        int choice = _strategies[_current].Choose(point);
        if (choice != Stop)
            _fingerprint.Add(point, point[choice]);

        return choice;
    }

    /// <inheritdoc/>
    public override void End(Machine machine)
    {
        if (_isLeft)
        {
            _rare.End(machine);
            return;
        }

        _strategies[_current].End(machine);
        _executions[_current]++;
        _new[_current] += IsNew(_fingerprint.Value) ? 1 : 0;
        if (_strategies[_current] is not BiasedStrategy measured)
            return;

        foreach (SearchStrategy strategy in _strategies)
            (strategy as BiasedStrategy)?.Expect(measured);
    }

    /// <summary>How much a strategy is owed: its weight, for each execution that it had.</summary>
    private double Claim(int strategy)
    {
        if (_executions[strategy] == 0)
            return double.PositiveInfinity;

        double discovery = (_new[strategy] + 1.0) / (_executions[strategy] + 1.0);
        return Math.Max(LeastDiscovery, discovery) * _weights[strategy] / (_executions[strategy] + 1.0);
    }

    private static (SearchStrategy[] Strategies, double[] Weights) Split((SearchStrategy, double)[] both) =>
        ([.. both.Select(each => each.Item1)], [.. both.Select(each => each.Item2)]);

    private bool IsNew(ulong fingerprint)
    {
        fingerprint |= 1; // 0 marks a free slot.
        for (int slot = (int)(fingerprint >> 32) & (Slots - 1); ; slot = (slot + 1) & (Slots - 1))
        {
            if (_seen[slot] == fingerprint)
                return false;

            if (_seen[slot] != 0)
                continue;

            _seen[slot] = fingerprint;
            return true;
        }
    }
}
