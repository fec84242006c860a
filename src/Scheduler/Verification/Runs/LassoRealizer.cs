using Kmaplab.Scheduler.Simulation;
using Kmaplab.Scheduler.Simulation.Hardware;
using Kmaplab.Scheduler.Verification.Progress;

namespace Kmaplab.Scheduler.Verification.Runs;

/// <summary>Turns an endless run as the search sees it into one of the real machine.</summary>
/// <remarks>
/// Once round, the real machine may be back where it was but for the names of tasks and the numbers of records; then it
/// goes round again, until it is really back. As renamings can be undone by repeating them, that comes.
/// </remarks>
internal sealed class LassoRealizer(MachineImage image, RealNames names)
{
    private const int StepsMax = 200_000;

    /// <summary>
    /// The run in real names; null if it is none, or takes too many rounds until the machine is back.
    /// </summary>
    internal Lasso? Realize(EndlessRun run, Transition[] stem)
    {
        var machine = new Machine(image);
        machine.Reset();
        names.Begin();
        var real = new List<Transition>();
        if (!Follow(machine, stem, real))
            return null;

        ulong victims = RealTasks(run.Victims);
        ulong runners = RealTasks(run.Runners);
        Transition[] realStem = [.. real];
        real.Clear();
        if (run.Loop.Length == 0)
            return new Lasso(victims, runners, realStem, []);

        UInt128 start = machine.StateHash();
        do
        {
            if (!Follow(machine, run.Loop, real))
                return null;
        }
        while (machine.StateHash() != start && real.Count < StepsMax);

        return machine.StateHash() == start ? new Lasso(victims, runners, realStem, [.. real]) : null;
    }

    /// <summary>False if a transition cannot happen, as the search has taken different things for the same.</summary>
    private bool Follow(Machine machine, Transition[] way, List<Transition> real)
    {
        foreach (Transition transition in way)
        {
            Transition next = names.Next(transition);
            if (!machine.Enabled().Contains(next))
                return false;

            machine.Perform(next);
            real.Add(next);
        }

        return true;
    }

    private ulong RealTasks(ulong tasks)
    {
        ulong real = 0;
        foreach (int task in ProgressCheck.TasksOf(tasks))
            real |= 1UL << names.Of(task);

        return real;
    }
}
