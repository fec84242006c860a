using Kmaplab.Scheduler.Detection;
using Kmaplab.Scheduler.Kernel;
using Kmaplab.Scheduler.Scenarios;
using Kmaplab.Scheduler.Threads;
using Kmaplab.Scheduler.Threads.Tasks;

namespace Kmaplab.Stress.Soaking;

/// <summary>An experiment that is to run on threads: whether it can, and the machine for it.</summary>
internal static class ThreadTarget
{
    private const int RecordedByFew = 1 << 20;
    private const int TasksOfFew = 8;
    private const int EpochsMax = 4; // What is kept takes 12 bytes for each operation.

    /// <summary>Refuses, in a sentence, what threads cannot show.</summary>
    /// <exception cref="UsageException">They cannot.</exception>
    internal static void Require(string target, Experiment experiment, RaceEntry? race)
    {
        ScenarioSize size = experiment.Size;
        if (experiment.Scenario.Attribute.Shootdown)
            throw new UsageException(
                $"{target} is about TLB flushes that interrupt each CPU: threads cannot be interrupted at a chosen "
                + "place; explore and verify can show it");

        if (size.Cpus != 0 && size.Cpus < size.Tasks)
            throw new UsageException(
                $"{target} has {Counted.Of(size.Tasks, "task")} on {Counted.Of(size.Cpus, "CPU")}: a thread has a CPU "
                + "for itself; explore and verify can show it");

        if (race is not null && race.Attribute.Shows == FailureClass.StaleTlb)
            throw new UsageException(
                $"{target} shows {FailureClass.StaleTlb.Name()}: on threads an address leads where the page table "
                + "says, there is no TLB; explore and verify can show it");

        experiment.Boot(); // Interrupts, and all that cannot be booted anywhere.
    }

    /// <summary>Boots it.</summary>
    internal static ThreadMachine Boot(Experiment experiment, SoakOptions options, IWakeupMeter wakeups)
    {
        var machine = new ThreadOptions
        {
            Name = experiment.Name,
            Preempt = experiment.Preempt,
            Seed = options.Seed,
            Jitter = options.HasJitter,
            RealMemory = options.RealMemory,
            Wakeups = wakeups,
            Records = options.Records,
            RecordedWanted = RecordedOf(experiment.Size.Tasks),
            EndsWhenFull = options.RecordsAll || experiment.Size.Rounds == ScenarioSize.Forever,
        };
        return options.IsBare ? Boot<BareMode>(experiment, machine) : Boot<CheckedMode>(experiment, machine);
    }

    // Many threads have their turns one after the other, and an epoch in which not all had one is not fair.
    private static int RecordedOf(int tasks) => RecordedByFew * Math.Clamp(tasks / TasksOfFew, 1, EpochsMax);

    private static ThreadMachine Boot<TMode>(Experiment experiment, ThreadOptions options)
        where TMode : struct, IThreadMode
    {
        Scenario<ThreadKernel<TMode>> scenario = experiment.Create<ThreadKernel<TMode>>();
        ScenarioSize size = experiment.Size;
        return ThreadMachine.Boot<TMode>(options, boot => scenario.Boot(boot, size));
    }
}
