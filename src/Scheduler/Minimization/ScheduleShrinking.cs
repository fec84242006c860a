using System.Threading;
using Kmaplab.Scheduler.Simulation.Hardware;

namespace Kmaplab.Scheduler.Minimization;

/// <summary>
/// Makes a failing schedule smaller, as far as trying takes it: it leaves parts out, and brings the runs of a context
/// together.
/// </summary>
/// <remarks>
/// Delta debugging (A. Zeller, R. Hildebrandt, "Simplifying and Isolating Failure-Inducing Input", 2002) over the runs
/// of a schedule: the steps of one context between two switches. For failures that are too far from the start for
/// <see cref="LeastSchedule"/>; what it finds is small, but not proved to be the smallest.
/// </remarks>
internal sealed class ScheduleShrinking(ScheduleTrial trial, MinimizerOptions options, CancellationToken cancellation)
{
    private Failing _best = null!;

    /// <summary>The smallest schedule that was met.</summary>
    internal Failing Shrink(Failing failing)
    {
        _best = failing;
        bool isSmaller = true;
        while (isSmaller && HasTrials)
            isSmaller = LeaveRunsOut() | BringRunsTogether();

        return _best;
    }

    private bool HasTrials => trial.Trials < options.TrialsMax;

    private bool LeaveRunsOut()
    {
        bool isSmaller = false;
        for (int size = Math.Max(1, Runs().Count / 2); size >= 1 && HasTrials; size /= 2)
        {
            for (int first = 0; first < Runs().Count && HasTrials;)
            {
                List<Transition[]> runs = Runs();
                runs.RemoveRange(first, Math.Min(size, runs.Count - first));
                if (Try(runs))
                    isSmaller = true; // What follows has moved up to here.
                else
                    first += size;
            }
        }

        return isSmaller;
    }

    private bool BringRunsTogether()
    {
        bool isSmaller = false;
        for (int i = 0; i + 1 < Runs().Count && HasTrials; i++)
        {
            List<Transition[]> runs = Runs();
            int next = runs.FindIndex(i + 1, run => run[0].Subject == runs[i][0].Subject);
            if (next < 0)
                continue;

            Transition[] moved = runs[next];
            runs.RemoveAt(next);
            runs.Insert(i + 1, moved);
            isSmaller |= Try(runs);
        }

        return isSmaller;
    }

    private bool Try(List<Transition[]> runs)
    {
        cancellation.ThrowIfCancellationRequested();
        if (trial.Run([.. runs.SelectMany(run => run)]) is not { } failing || !failing.IsSmallerThan(_best))
            return false;

        _best = failing;
        return true;
    }

    private List<Transition[]> Runs()
    {
        var runs = new List<Transition[]>();
        Transition[] all = _best.Schedule;
        for (int begin = 0, end; begin < all.Length; begin = end)
        {
            end = begin + 1;
            while (end < all.Length && all[end].Subject == all[begin].Subject && all[end].IsStep == all[begin].IsStep)
                end++;

            runs.Add(all[begin..end]);
        }

        return runs;
    }
}
