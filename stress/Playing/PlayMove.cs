using Kmaplab.Scheduler.Playing;
using Kmaplab.Scheduler.Simulation.Hardware;

namespace Kmaplab.Stress.Playing;

/// <summary>A row that can be picked.</summary>
/// <param name="Transition">What happens then.</param>
/// <param name="Context">Whose it is; negative if a CPU's that runs nobody.</param>
internal readonly record struct PlayMove(Transition Transition, int Context)
{
    /// <summary>What can be picked here: steps in the order of contexts, and then the rest.</summary>
    internal static PlayMove[] Of(PlaySession session) =>
    [
        .. session.Enabled
            .Select(transition => new PlayMove(transition, session.ContextOf(transition)))
            .OrderBy(move => move.Transition.Kind == TransitionKind.Step ? 0 : 1),
    ];
}
