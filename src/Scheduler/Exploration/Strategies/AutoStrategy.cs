using Kmaplab.Scheduler.Simulation;

namespace Kmaplab.Scheduler.Exploration.Strategies;

/// <summary>
/// Shares the executions among all other strategies: more for those that show more executions of a kind not seen
/// before.
/// </summary>
/// <remarks>
/// Of a kind are executions with the same order of conflicting steps. What is learned is learned anew in each chunk, so
/// that the number of threads does not matter; nobody gets less than a fixed share, as what is new need not be what is
/// wrong.
/// </remarks>
[Strategy("auto", "all of these in turn, more often those that show more that is new")]
public sealed class AutoStrategy : SearchStrategy
{
    private const int Broad = 4; // The first ones, which seldom repeat themselves.
    private const double Rest = 0.3; // The weight of the others beside them, for bugs that need long runs of one task.
    private const double LeastDiscovery = 0.2;
    private const int Slots = 4 * ChunkSize;

    private readonly SearchStrategy[] _strategies;
    private readonly int[] _executions;
    private readonly int[] _new;
    private readonly ulong[] _seen = new ulong[Slots];
    private readonly ConflictFingerprint _fingerprint = new();
    private int _current;
    private bool _isFresh;

    /// <summary>Shares among the strategies of the library.</summary>
    public AutoStrategy(ulong seed)
    {
        _strategies =
        [
            new RandomWalkStrategy(seed),
            new PosStrategy(seed),
            new UrwStrategy(seed),
            new SurwStrategy(seed),
            new StarvationStrategy(seed),
            new PctStrategy(seed),
            new PreemptionBoundStrategy(seed),
            new DelayBoundStrategy(seed),
        ];
        _executions = new int[_strategies.Length];
        _new = new int[_strategies.Length];
    }

    /// <inheritdoc/>
    public override string Name => "auto";

    /// <summary>The executions that each strategy had in this chunk.</summary>
    internal IEnumerable<(string Name, int Executions)> Shares =>
        _strategies.Select((strategy, i) => (strategy.Name, _executions[i]));

    /// <inheritdoc/>
    public override void Forget()
    {
        Array.Clear(_executions);
        Array.Clear(_new);
        Array.Clear(_seen);
        foreach (SearchStrategy strategy in _strategies)
            strategy.Forget();
    }

    /// <inheritdoc/>
    public override void Begin(long execution)
    {
        _current = 0;
        for (int i = 1; i < _strategies.Length; i++)
        {
            if (Claim(i) > Claim(_current))
                _current = i;
        }

        _isFresh = true;
        _strategies[_current].Begin(execution);
    }

    /// <inheritdoc/>
    public override int Choose(in SchedulingPoint point)
    {
        if (_isFresh)
        {
            _isFresh = false;
            _fingerprint.Begin(point.Machine);
        }

        int choice = _strategies[_current].Choose(point);
        if (choice != Stop)
            _fingerprint.Add(point.Machine, point.Enabled[choice]);

        return choice;
    }

    /// <inheritdoc/>
    public override void End(Machine machine)
    {
        _strategies[_current].End(machine);
        _executions[_current]++;
        _new[_current] += IsNew(_fingerprint.Value) ? 1 : 0;
    }

    /// <summary>How much a strategy is owed: its weight, for each execution that it had.</summary>
    private double Claim(int strategy)
    {
        double discovery = (_new[strategy] + 1.0) / (_executions[strategy] + 1.0);
        return Math.Max(LeastDiscovery, discovery) * (strategy < Broad ? 1 : Rest) / (_executions[strategy] + 1.0);
    }

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
