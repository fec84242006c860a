namespace Kmaplab.Scheduler.Simulation.Outside;

/// <summary>
/// Decides when to look for state outside kernel memory: often at first, and then so seldom that it costs about one per
/// cent.
/// </summary>
internal sealed class OutsideWatch(OutsideState outside)
{
    private const int FirstLooks = 200_000; // Objects looked at before looks become rare.
    // Steps take as long as that many looks at a small object, times a hundred.
    private const int StepsForAnObject = 20;

    private readonly long _stepsBetweenLooks = (long)outside.Weight * StepsForAnObject;
    private long _looksLeft = FirstLooks / Math.Max(1, outside.Weight);
    private long _steps;

    /// <summary>Whether to look now, after so many more steps.</summary>
    internal bool IsDue(int steps)
    {
        if (_looksLeft > 0)
        {
            _looksLeft--;
            return true;
        }

        _steps += steps;
        if (_steps < _stepsBetweenLooks)
            return false;

        _steps = 0;
        return true;
    }

    /// <summary>What has changed since the boot; null if nothing has.</summary>
    internal string? FindChange() => outside.FindChange();
}
