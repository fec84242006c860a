using Kmaplab.Scheduler.Simulation;
using Kmaplab.Scheduler.Simulation.Hardware;

namespace Kmaplab.Scheduler.Exploration.Strategies;

/// <summary>
/// Picks each task with a weight: the number of steps that it still has, as far as earlier executions tell.
/// </summary>
/// <remarks>
/// H. Zhao, D. Wolff, U. Mathur, A. Roychoudhury, "Selectively Uniform Concurrency Testing", 2025. If the numbers are
/// exact and nobody waits, all interleavings are equally likely. The first execution of a chunk is a random walk.
/// </remarks>
[Strategy("urw", "each task by the number of steps that it still has")]
public sealed class UrwStrategy(ulong seed) : BiasedStrategy(seed), IPointStrategy
{
    private int[] _most = []; // Steps in one of the executions before.
    private int[] _taken = [];
    private int[] _left = [];

    /// <inheritdoc/>
    public override string Name => "urw";

    /// <inheritdoc/>
    public override void Forget()
    {
        base.Forget();
        Array.Clear(_most);
    }

    /// <inheritdoc/>
    public override void End(Machine machine)
    {
        // The most, as an execution that has failed, or waits for ever, is short of some.
        for (int actor = 0; actor < _taken.Length; actor++)
            _most[actor] = Math.Max(_most[actor], _taken[actor]);
    }

    /// <inheritdoc/>
    protected override void Prepare(Machine machine)
    {
        SizeForActors(ref _most);
        SizeForActors(ref _taken);
        SizeForActors(ref _left);
        Array.Clear(_taken);
        for (int actor = 0; actor < Actors; actor++)
            _left[actor] = Math.Max(1, _most[actor]);
    }

    /// <inheritdoc/>
    protected override void OnForced(Machine machine, Transition transition) => Take(ActorOf(transition));

    /// <inheritdoc/>
    protected override int Pick(in SchedulingPoint point)
    {
        int sum = 0;
        int before = -1;
        foreach (Transition transition in point.Enabled)
        {
            int actor = ActorOf(transition);
            sum += actor == before ? 0 : _left[actor]; // The outcomes of a choice share its weight.
            before = actor;
        }

        int drawn = Next(sum);
        before = -1;
        for (int i = 0; ; i++)
        {
            int actor = ActorOf(point.Enabled[i]);
            drawn -= actor == before ? 0 : _left[actor];
            before = actor;
            if (drawn >= 0)
                continue;

            Take(actor);
            return point.Enabled[i].Kind == TransitionKind.Choose ? PickOf(point, actor) : i;
        }
    }

    private void Take(int actor)
    {
        _taken[actor]++;
        _left[actor] = Math.Max(1, _left[actor] - 1);
    }
}
