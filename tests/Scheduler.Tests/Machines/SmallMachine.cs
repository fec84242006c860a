using Kmaplab.Scheduler.Detection;
using Kmaplab.Scheduler.Simulation;
using Kmaplab.Scheduler.Simulation.Hardware;

namespace Kmaplab.Scheduler.Tests.Machines;

/// <summary>Boots machines for programs of a few lines, and lets a test play the scheduler.</summary>
internal static class SmallMachine
{
    private const int StepsMax = 10_000;

    /// <summary>
    /// A machine of <paramref name="tasks"/> tasks, each on a CPU of its own unless the options say otherwise.
    /// </summary>
    internal static MachineImage Boot(
        int tasks,
        Action<MachineBuilder> boot,
        MachineOptions? options = null,
        params IEnumerable<Detector> detectors
    ) => MachineBuilder.Boot(tasks, interrupts: 0, options ?? new MachineOptions(), detectors, boot);

    /// <summary>A machine on which every task stands in front of its first operation.</summary>
    internal static Machine Started(this MachineImage image, bool copyOnResume = false)
    {
        var machine = new Machine(image, copyOnResume);
        machine.Reset();
        return machine;
    }

    /// <summary>Lets tasks perform one step each, in this order.</summary>
    internal static void Step(this Machine machine, params ReadOnlySpan<int> tasks)
    {
        foreach (int task in tasks)
        {
            Assert.True(machine.IsEnabled(task), $"task {task} cannot go on: {machine.Tasks.Operation(task)}");
            machine.Perform(Transition.Step(task));
        }
    }

    /// <summary>Lets one task run as far as it gets while the others stand.</summary>
    internal static void RunAlone(this Machine machine, params ReadOnlySpan<int> tasks)
    {
        foreach (int task in tasks)
        {
            for (int step = 0; machine.IsEnabled(task); step++)
            {
                Assert.True(step < StepsMax, $"task {task} does not end");
                machine.Perform(Transition.Step(task));
            }
        }
    }

    /// <summary>
    /// Lets one task after the other run as far as it gets until nobody can go on, and judges the end.
    /// </summary>
    internal static Machine RunToEnd(this Machine machine)
    {
        for (int step = 0; machine.Enabled() is { IsEmpty: false } enabled; step++)
        {
            Assert.True(step < StepsMax, "the machine does not come to an end");
            machine.Perform(enabled[0]);
        }

        if (machine.Finding is null)
            machine.Conclude();

        return machine;
    }

    internal static bool IsEnabled(this Machine machine, int task) => machine.Enabled().Contains(Transition.Step(task));

    /// <summary>The tasks that can perform a step.</summary>
    internal static int[] EnabledTasks(this Machine machine)
    {
        var tasks = new List<int>();
        foreach (Transition transition in machine.Enabled())
            tasks.Add(transition.Subject);

        return [.. tasks];
    }

    /// <summary>Fails unless the finding is of this class and says all this.</summary>
    internal static void AssertFound(this Finding? finding, FailureClass failure, params ReadOnlySpan<string> parts)
    {
        Assert.NotNull(finding);
        Assert.Equal(failure, finding.Class);
        foreach (string part in parts)
            Assert.Contains(part, finding.Message, StringComparison.Ordinal);
    }
}
