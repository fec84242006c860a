namespace Kmaplab.Scheduler.Scenarios;

/// <summary>Counts a task's rounds down; with 0 rounds it goes on for ever without counting, so that the state space stays finite.</summary>
public struct RoundsLeft(int rounds)
{
    private readonly bool _forever = rounds == 0;
    private int _left = rounds;

    /// <summary>Begins another round, if there is one.</summary>
    public bool Next()
    {
        if (_forever)
            return true;

        return --_left >= 0;
    }
}
