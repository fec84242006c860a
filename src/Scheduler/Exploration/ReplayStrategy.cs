using Kmaplab.Scheduler.Simulation.Hardware;

namespace Kmaplab.Scheduler.Exploration;

/// <summary>Picks what a schedule says, and ends the execution where that is not possible.</summary>
/// <param name="isTolerant">Leave out transitions that are not enabled, for whoever tries what a schedule can do
/// without.</param>
public sealed class ReplayStrategy(bool isTolerant = false) : SearchStrategy
{
    private Transition[] _schedule = [];
    private int _length;

    /// <summary>A strategy that follows this schedule.</summary>
    public ReplayStrategy(ReadOnlySpan<Transition> schedule, bool isTolerant = false)
        : this(isTolerant) => Load(schedule);

    /// <inheritdoc/>
    public override string Name => "replay";

    /// <summary>How many transitions of the schedule were performed or left out.</summary>
    public int Position { get; private set; }

    /// <summary>How many of them were left out.</summary>
    public int Skipped { get; private set; }

    /// <summary>Nothing of the schedule is left.</summary>
    public bool IsOver => Position == _length;

    /// <summary>The transition that could not be performed, or would have been next.</summary>
    public Transition Next => _schedule[Position];

    /// <summary>Takes another schedule; allocates only if it is longer than those before.</summary>
    public void Load(ReadOnlySpan<Transition> schedule)
    {
        if (_schedule.Length < schedule.Length)
            _schedule = new Transition[schedule.Length];

        schedule.CopyTo(_schedule);
        _length = schedule.Length;
    }

    /// <inheritdoc/>
    public override void Begin(long execution) => (Position, Skipped) = (0, 0);

    /// <inheritdoc/>
    public override int Choose(in SchedulingPoint point)
    {
        for (; Position < _length; Position++, Skipped++)
        {
            int choice = point.Enabled.IndexOf(_schedule[Position]);
            if (choice >= 0)
            {
                Position++;
                return choice;
            }

            if (!isTolerant)
                break;
        }

        return Stop;
    }
}
