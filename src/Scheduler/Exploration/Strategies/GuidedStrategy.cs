using Kmaplab.Scheduler.Simulation;
using Kmaplab.Scheduler.Simulation.Hardware;

namespace Kmaplab.Scheduler.Exploration.Strategies;

/// <summary>
/// Goes back to a state that was visited seldom, and on from there at random; every second execution begins at the
/// start.
/// </summary>
/// <remarks>
/// A. Ecoffet, J. Huizinga, J. Lehman, K. Stanley, J. Clune, "First return, then explore", 2021. Visits are counted by
/// state hash, at points that are drawn, in the executions of the chunk. The way there is performed again, step by
/// step: so each schedule is whole, and whoever watches executions sees all of it. Executions share their beginnings,
/// so how many of them fail says nothing about how rare a failure is.
/// </remarks>
[Strategy("guided", "at random, from states that were visited least")]
public sealed class GuidedStrategy(ulong seed) : SearchStrategy
{
    private const int FromStartOutOf = 2;
    private const int LooksEach = 8; // At states, in an execution, about.
    private const int LeastGap = 2; // Points between two looks, on average.
    private const int FirstGuess = 64; // How many points with a choice an execution has.

    private readonly SearchStrategy[] _walks = [new RandomWalkStrategy(seed), new PosStrategy(seed)];
    private readonly WayArchive _archive = new();
    private Transition[] _path = new Transition[FirstGuess];
    private Pcg32 _random;
    private SearchStrategy _walk = null!;
    private int _way; // That is performed again; -1 for none.
    private int _steps;
    private int _points;
    private int _nextLook;
    private int _longest;

    /// <inheritdoc/>
    public override string Name => "guided";

    /// <inheritdoc/>
    public override bool IsRepresentative => false;

    /// <inheritdoc/>
    public override void Forget()
    {
        _archive.Clear();
        _longest = 0;
        _points = 0;
        foreach (SearchStrategy walk in _walks)
            walk.Forget();
    }

    /// <inheritdoc/>
    public override void Begin(long execution)
    {
        _longest = Math.Max(_longest, _points);
        _random = new Pcg32(~seed, (ulong)execution); // Other numbers than those of the walk.
        _way = _archive.Count == 0 || _random.Next(FromStartOutOf) == 0
            ? -1
            : _archive.DrawLeastVisited(ref _random);
        if (_way >= 0)
            _archive.BeginFrom(_way);

        _walk = _walks[_random.Next(_walks.Length)];
        _walk.Begin(execution);
        _steps = 0;
        _points = 0;
        _nextLook = 0;
    }

    /// <inheritdoc/>
    public override int Choose(in SchedulingPoint point)
    {
        bool hasChoice = point.Count > 1;
        _points += hasChoice ? 1 : 0;
        if (_way >= 0 && Again(point) is var again and not Stop)
            return Take(point, again);

        if (hasChoice && _points >= _nextLook)
            Look(point);

        return Take(point, _walk.Choose(point));
    }

    /// <inheritdoc/>
    public override void End(Machine machine) => _walk.End(machine);

    /// <summary>The next transition of the way; stop at its end, and where it cannot be followed.</summary>
    private int Again(in SchedulingPoint point)
    {
        ReadOnlySpan<Transition> way = _archive[_way];
        int index = _steps < way.Length ? point.Enabled.IndexOf(way[_steps]) : Stop;
        if (index < 0)
        {
            _way = -1; // A scenario that is not deterministic; who looks for that says so.
            _nextLook = _points + NextGap();
        }

        return index;
    }

    private int Take(in SchedulingPoint point, int choice)
    {
        if (choice == Stop)
            return Stop;

        if (_steps == _path.Length)
            Array.Resize(ref _path, _steps * 2);

        _path[_steps++] = point[choice];
        return choice;
    }

    private void Look(in SchedulingPoint point)
    {
        _nextLook = _points + NextGap();
        _archive.Visit((ulong)point.Machine.StateHash(), _path.AsSpan(0, _steps), ref _random);
    }

    private int NextGap()
    {
        int mean = Math.Max(LeastGap, (_longest == 0 ? FirstGuess : _longest) / LooksEach);
        return 1 + _random.Next((2 * mean) - 1);
    }
}
