namespace Kmaplab.Scheduler.Exploration.Strategies;

/// <summary>Picks every time uniformly among the enabled transitions.</summary>
[Strategy("random", "uniformly among all that can happen")]
public sealed class RandomWalkStrategy(ulong seed) : SearchStrategy, IUniformStrategy, IPointStrategy
{
    private Pcg32 _random;

    /// <inheritdoc/>
    public override string Name => "random";

    ref Pcg32 IUniformStrategy.Random => ref _random;

    /// <inheritdoc/>
    public override bool IsIndependent => true;

    /// <inheritdoc/>
    public override void Begin(long execution) => _random = new Pcg32(seed, (ulong)execution);

    /// <inheritdoc/>
    public override int Choose(in SchedulingPoint point) =>
        point.Count == 1 ? 0 : _random.Next(point.Count);
}
