using Kmaplab.Scheduler.Detection;
using Kmaplab.Scheduler.Kernel;
using Kmaplab.Scheduler.Recordings;
using Kmaplab.Scheduler.Schedules;
using Kmaplab.Scheduler.Simulation;
using Kmaplab.Scheduler.Simulation.Memory;
using Kmaplab.Scheduler.Simulation.Operations;
using Kmaplab.Scheduler.Simulation.Running;
using Kmaplab.Scheduler.Tests.Machines;
using Kmaplab.Scheduler.Tests.Threads;
using Kmaplab.Scheduler.Threads;
using Kmaplab.Scheduler.Threads.Orders;
using Kmaplab.Scheduler.Threads.Tasks;

namespace Kmaplab.Scheduler.Tests.Recordings;

/// <summary>
/// What threads did is done again by the simulated machine, and whatever it does otherwise is noticed.
/// </summary>
public sealed class RecordingReplayTests
{
    private const int RunsMax = 200; // For what needs luck.
    private const int ManyOperations = 50_000;

    [Fact]
    public void Everything_that_threads_do_ends_in_the_same_words_on_the_simulated_machine()
    {
        var seen = new HashSet<(OperationKind, bool)>();
        for (ulong seed = 1; seed <= RunsMax && !HasSeenAll(seen); seed++)
        {
            ThreadRecording run = Record(seed);

            RecordingReport report = Replay(run);

            Assert.Null(report.Divergence);
            Assert.Null(report.DifferentWord);
            Assert.True(report.Reproduced, $"seed {seed}");
            Assert.True(report.WordsCompared > AllKinds<SimulatedKernel>.Tasks);
            seen.UnionWith(run.Steps.Select(step => (step.Kind, step.Result != 0)));
        }

        Assert.True(HasSeenAll(seen), "no lock was met taken, or nobody slept");
    }

    [Fact]
    public void A_result_that_is_another_one_ends_the_replay()
    {
        ThreadRecording run = Record(1);
        RecordedStep[] steps = [.. run.Steps];
        int read = Array.FindIndex(steps, step => step.Kind == OperationKind.FetchAdd);
        steps[read] = steps[read] with { Result = steps[read].Result + 1 };

        RecordingReport report = Replay(run with { Steps = steps });

        Assert.False(report.Reproduced);
        Assert.Equal(steps.Take(read).Count(step => step.Kind != OperationKind.None), report.Steps);
        Assert.True(report.StepsTried > 0);
        Assert.Contains("FetchAdd of task", report.Divergence, StringComparison.Ordinal);
    }

    [Fact]
    public void Steps_in_another_order_do_not_pass_for_the_same()
    {
        ThreadRecording run = Record(1);
        RecordedStep[] steps = [.. run.Steps];
        int last = Array.FindLastIndex(steps, step => step.Kind == OperationKind.Release);
        int acquire = Array.FindLastIndex(steps, last, step => step.Kind == OperationKind.Acquire);
        (steps[acquire], steps[last]) = (steps[last], steps[acquire]);

        Assert.NotNull(Replay(run with { Steps = steps }).Divergence);
    }

    [Fact]
    public void Words_that_end_otherwise_are_not_the_same_end()
    {
        ThreadRecording run = Record(1);
        NamedWords guarded = run.Words.Single(words => words.Name == "guarded");
        NamedWords[] words =
            [.. run.Words.Select(each => each == guarded ? each with { Words = [guarded.Words[0] + 1] } : each)];

        RecordingReport report = Replay(run with { Words = words });

        Assert.False(report.Reproduced);
        Assert.StartsWith("guarded is ", report.DifferentWord, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(FailureClass.Leak, "it ends with a leak")]
    [InlineData(FailureClass.Deadlock, "")]
    public void A_failure_that_does_not_show_is_not_reproduced(FailureClass failure, string message)
    {
        RecordingReport report = Replay(Record(1), new Finding(failure, message));

        Assert.False(report.Reproduced);
        Assert.Null(report.Finding);
    }

    [Fact]
    public void A_run_that_is_longer_than_what_is_kept_is_said_to_be()
    {
        var options = new ThreadOptions { Records = true, RecordedWanted = 1, RecordedMax = 1 };
        using ThreadMachine machine = ThreadMachine.Boot<CheckedMode>(options, boot =>
        {
            var count = Shared<ThreadKernel<CheckedMode>>.Create(boot, "count", Protection.Marked);
            boot.Spawn("adder", async () =>
            {
                for (int i = 0; i < ManyOperations; i++)
                    await count.FetchAdd(1);
            });
        });
        ThreadRun run = machine.Finish();

        Assert.True(machine.IsRecordingFull);
        var refusal = Assert.Throws<RecordingException>(() => machine.TakeRecording(run));
        Assert.Contains("longer", refusal.Message, StringComparison.Ordinal);
    }

    internal static ThreadRecording Record(ulong seed)
    {
        using ThreadMachine machine = Boot(new ThreadOptions { Records = true, Jitter = true, Seed = seed });
        ThreadRun run = machine.Finish();
        Assert.Null(run.Finding);
        return machine.TakeRecording(run);
    }

    internal static Schedule Header(Finding? finding) =>
        new Schedule { Scenario = "all-kinds", Strategy = Recording.Strategy }.With(finding);

    private static bool HasSeenAll(HashSet<(OperationKind, bool)> seen) =>
        seen.Contains((OperationKind.TryAcquire, false))
        && seen.Contains((OperationKind.Schedule, true))
        && seen.Contains((OperationKind.Schedule, false));

    private static ThreadMachine Boot(ThreadOptions options) =>
        ThreadMachine.Boot<CheckedMode>(options, boot => _ = new AllKinds<ThreadKernel<CheckedMode>>(boot));

    private static RecordingReport Replay(ThreadRecording run, Finding? finding = null)
    {
        MachineImage image = SmallMachine.Boot(
            AllKinds<SimulatedKernel>.Tasks,
            boot => _ = new AllKinds<SimulatedKernel>(boot),
            new MachineOptions { Points = SchedulingPoints.All });
        return new RecordingReplay(image, new Recording(Header(finding), run)).Run();
    }
}
