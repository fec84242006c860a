using System.Threading;
using Kmaplab.Scheduler.Detection;
using Kmaplab.Scheduler.Exploration;
using Kmaplab.Scheduler.Exploration.Strategies;
using Kmaplab.Scheduler.Simulation;
using Kmaplab.Scheduler.Simulation.Hardware;

namespace Kmaplab.Scheduler.Minimization;

/// <summary>How sure a failure is after each step of a schedule, as far as drawn continuations tell.</summary>
/// <param name="Continuations">How many were drawn from each step.</param>
/// <param name="Failing">How many of them showed the failure: from the start first, then after each step.</param>
public sealed record PointOfNoReturn(int Continuations, int[] Failing)
{
    private const int ContinuationsLeast = 8;

    /// <summary>
    /// The first step from which on every continuation that was drawn fails; the number of steps if only the last one
    /// makes it sure, 0 if it was sure from the start.
    /// </summary>
    public int Step => Failing.Length - Failing.Reverse().TakeWhile(failing => failing == Continuations).Count();

    /// <summary>The step by which the share that fails grows most; 0 if it grows nowhere.</summary>
    public int Jump
    {
        get
        {
            int jump = 0;
            for (int step = 1; step < Failing.Length; step++)
            {
                int growth = Failing[step] - Failing[step - 1];
                if (growth > (jump == 0 ? 0 : Failing[jump] - Failing[jump - 1]))
                    jump = step;
            }

            return jump;
        }
    }

    /// <summary>Draws continuations, at random, from every step of a schedule.</summary>
    internal static PointOfNoReturn Of(
        MachineImage image,
        Transition[] schedule,
        FailureClass failure,
        MinimizerOptions options,
        CancellationToken cancellation)
    {
        var machine = new Machine(image);
        var execution = new Execution(machine, options.StepsMax);
        int[] failing = new int[schedule.Length + 1];
        int continuations = Math.Clamp(
            options.ContinuationSteps / Math.Max(1, schedule.Length * schedule.Length),
            Math.Min(ContinuationsLeast, options.Continuations),
            options.Continuations);
        failing[^1] = continuations; // There the schedule ends, and the failure is there.
        for (int step = 0; step < schedule.Length; step++)
        {
            var strategy = new ThenAtRandom(schedule[..step], new RandomWalkStrategy(options.Seed));
            for (int number = 1; number <= continuations; number++)
            {
                cancellation.ThrowIfCancellationRequested();
                execution.Run(strategy, number);
                failing[step] += machine.Finding?.Class == failure ? 1 : 0;
            }
        }

        return new PointOfNoReturn(continuations, failing);
    }

    private sealed class ThenAtRandom(Transition[] schedule, RandomWalkStrategy random) : SearchStrategy
    {
        private readonly ReplayStrategy _schedule = new(schedule);

        public override string Name => "continuation";

        public override void Begin(long execution)
        {
            _schedule.Begin(execution);
            random.Begin(execution);
        }

        public override int Choose(in SchedulingPoint point) =>
            _schedule.IsOver ? random.Choose(point) : _schedule.Choose(point);
    }
}
