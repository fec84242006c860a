using Kmaplab.Scheduler.Coroutines;
using Kmaplab.Scheduler.Detection;
using Kmaplab.Scheduler.Kernel;

namespace Kmaplab.Scheduler.Scenarios;

/// <summary>
/// Counts a task's rounds down. With <see cref="ScenarioSize.Forever"/> it goes on for ever without counting, so that
/// the state space stays finite; with <see cref="ScenarioSize.AnyRounds"/> each round may be the last, which is a
/// choice.
/// </summary>
/// <remarks>
/// Keep it in a local: <c>for (var rounds = new RoundsLeft(Size.Rounds); await rounds.Next(Kernel);)</c>.
/// </remarks>
public struct RoundsLeft(int rounds)
{
    private readonly int _rounds = rounds;
    private int _left = rounds;

    /// <summary>
    /// Begins another round, if there is one. Where each round may be the last it is a choice, and else nobody can come
    /// between.
    /// </summary>
    public KernelStep<bool> Next<TKernel>(TKernel kernel)
        where TKernel : struct, IKernel =>
        _rounds == ScenarioSize.AnyRounds ? kernel.ChooseRound() : KernelStep<bool>.Done(Next());

    /// <summary>Begins another round, if there is one; for scenarios in which it is known how many there are.</summary>
    /// <exception cref="UsageException">Each round may be the last: await <see cref="Next{TKernel}"/>
    /// instead.</exception>
    public bool Next()
    {
        if (_rounds == ScenarioSize.Forever)
            return true;

        if (_rounds == ScenarioSize.AnyRounds)
            throw new UsageException(
                "rounds are 'any', so whether another one begins is a choice: the scenario must await "
                + "RoundsLeft.Next(kernel)");

        return --_left >= 0;
    }
}
