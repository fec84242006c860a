using Kmaplab.Scheduler.Exploration.Strategies.Learned;
using Kmaplab.Scheduler.Simulation;
using Kmaplab.Scheduler.Simulation.Hardware;

namespace Kmaplab.Scheduler.Exploration.Strategies;

/// <summary>
/// Goes back to where earlier executions of the chunk have been, and on from there at random, or as
/// <see cref="PosStrategy"/>; some executions begin at the start.
/// </summary>
/// <remarks>
/// A. Ecoffet, J. Huizinga, J. Lehman, K. Stanley, J. Clune, "First return, then explore", 2021. The way back is
/// performed again, step by step: so each schedule is whole, and whoever watches executions sees all of it. Executions
/// share their beginnings, so how many of them fail says nothing about how rare a failure is.
/// </remarks>
public abstract class ReturningStrategy(ulong seed) : SearchStrategy
{
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
    private ulong _place; // At the latest look.

    /// <inheritdoc/>
    public override bool IsRepresentative => false;

    /// <summary>How many of ten executions begin at the start.</summary>
    protected abstract int FromStart { get; }

    /// <summary>Of how many ways that are drawn the least visited is taken.</summary>
    protected abstract int Compared { get; }

    /// <summary>
    /// Whether only coming to a place is a visit, and staying there none; then any of the ways to a place is kept, not
    /// the first.
    /// </summary>
    protected virtual bool CountsComing => false;

    /// <summary>About how many points with a choice an execution has.</summary>
    protected int Length => _longest == 0 ? FirstGuess : _longest;

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
        _way = _archive.Count == 0 || Next(10) < FromStart ? -1 : _archive.DrawLeastVisited(Compared, ref _random);
        if (_way >= 0)
            _archive.BeginFrom(_way);

        _walk = _walks[Next(_walks.Length)];
        _walk.Begin(execution);
        _steps = 0;
        _points = 0;
        _nextLook = 0;
        _place = 0;
    }

    /// <inheritdoc/>
    public override int Choose(in SchedulingPoint point)
    {
        bool hasChoice = point.Count > 1;
        _points += hasChoice ? 1 : 0;
        if (_way >= 0 && Again(point) is var again and not Stop)
            return Take(point, again);

        if (hasChoice && _points >= _nextLook)
        {
            _nextLook = _points + NextGap(point.Machine);
            Look(point);
        }

        return Take(point, _walk.Choose(point));
    }

    /// <inheritdoc/>
    public override void End(Machine machine) => _walk.End(machine);

    /// <summary>What the machine stands at, as one value: visits of the same are counted together.</summary>
    protected abstract ulong PlaceOf(Machine machine);

    /// <summary>The same, for who asks the point.</summary>
    private protected virtual ulong PlaceOf(in SchedulingPoint point) => PlaceOf(point.Machine);

    /// <summary>How many points later it is looked at again.</summary>
    protected abstract int NextGap(Machine machine);

    /// <summary>A number in 0 .. <paramref name="limit"/>-1, all equally likely.</summary>
    protected int Next(int limit) => _random.Next(limit);

    private void Look(in SchedulingPoint point)
    {
        ulong place = PlaceOf(point);
        if (!CountsComing || place != _place)
            _archive.Visit(place, _path.AsSpan(0, _steps), ref _random, CountsComing);

        _place = place;
    }

    /// <summary>The next transition of the way; stop at its end, and where it cannot be followed.</summary>
    private int Again(in SchedulingPoint point)
    {
        ReadOnlySpan<Transition> way = _archive[_way];
        int index = _steps < way.Length ? point.IndexOf(way[_steps]) : Stop;
        if (index < 0)
        {
            _way = -1; // A scenario that is not deterministic; who looks for that says so.
            _nextLook = _points + NextGap(point.Machine);
            _place = CountsComing ? PlaceOf(point) : 0;
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
}
