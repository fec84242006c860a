using Kmaplab.Scheduler.Exploration.Looks;
using Kmaplab.Scheduler.Simulation;

namespace Kmaplab.Scheduler.Exploration.Strategies;

/// <summary>
/// Goes back to where what tasks share was as it seldom is, and on from there at random; three of ten executions begin
/// at the start.
/// </summary>
/// <remarks>
/// As <see cref="GuidedStrategy"/>, but of one kind are all states with the same contents of kernel memory, wherever
/// tasks stand and whatever they remember. That are few enough for 512 executions to learn which of them are rare, and
/// a failure that needs several unlikely things in turn shows each of them there. Memory is looked at before every
/// choice, if it is small.
/// </remarks>
[Strategy("rare", "at random, from where shared memory was as it seldom is")]
public sealed class RareStrategy(ulong seed) : ReturningStrategy(seed), IPointStrategy
{
    private const int WordsEach = 256; // Are looked at at a point, on average.

    private WordSum? _memory;

    /// <inheritdoc/>
    public override string Name => "rare";

    /// <inheritdoc/>
    protected override int FromStart => 3;

    /// <inheritdoc/>
    protected override int Compared => 64;

    /// <inheritdoc/>
    protected override bool CountsComing => true; // Who waits where nothing changes is not there more often.

    /// <inheritdoc/>
    protected override ulong PlaceOf(Machine machine) => SumFor(machine).Of(machine.Memory);

    private protected override ulong PlaceOf(in SchedulingPoint point) => point.Cells is { } cells
        ? SumFor(point.Machine).Of(cells)
        : PlaceOf(point.Machine);

    /// <inheritdoc/>
    protected override int NextGap(Machine machine) => 1 + (SumFor(machine).Words / WordsEach);

    private WordSum SumFor(Machine machine)
    {
        if (_memory?.Image != machine.Image)
            _memory = new WordSum(machine.Image);

        return _memory;
    }
}
