using Kmaplab.Scheduler.Coroutines;
using Kmaplab.Scheduler.Kernel;
using Kmaplab.Scheduler.Simulation;
using Kmaplab.Scheduler.Simulation.Running;
using Kmaplab.Scheduler.Tests.Machines;
using Kmaplab.Scheduler.Verification.Symmetry;

namespace Kmaplab.Scheduler.Tests.Verification.Symmetry;

/// <summary>Each check of a reduction alone, without a search around it: what it refuses, and what not.</summary>
public sealed class ReductionCheckTests
{
    [Fact]
    public void Tasks_that_are_alike_are_not_refused_anywhere() =>
        Assert.Null(CheckEquivariance(tasks => tasks.Count));

    [Fact]
    public void A_task_s_number_in_a_word_is_refused_and_the_word_is_named() =>
        Assert.Equal("word depends on a name that it cannot rename", CheckEquivariance(tasks => tasks.Sign));

    [Fact]
    public void A_step_that_fails_under_one_name_only_is_refused() =>
        Assert.Contains(
            "is assertion or not, depending on the names of tasks",
            CheckEquivariance(tasks => tasks.Mind),
            StringComparison.Ordinal);

    [Fact]
    public void Tasks_that_do_not_start_alike_are_refused_at_the_start()
    {
        var walked = new WalkedMachine(new LikeTasks().Boot(tasks => tasks.Count));
        var search = new ReducedSearchStub();
        walked.Walk([]);
        NewCheck(walked, search).CheckStart(walked.Stacks);
        Assert.Null(search.ObstacleToSymmetry);

        walked.Walk([0]);
        NewCheck(walked, search).CheckStart(walked.Stacks);

        Assert.StartsWith("the tasks do not start alike: ", search.ObstacleToSymmetry, StringComparison.Ordinal);
    }

    [Fact]
    public void A_canonical_form_with_the_same_future_is_not_refused() =>
        Assert.Null(CheckCanonicalForms((memory, first) => memory.AsSpan(first, 2).Sort()));

    [Fact]
    public void A_canonical_form_that_changes_what_a_step_leads_to_is_refused() =>
        Assert.Contains(
            "is otherwise than from the state",
            CheckCanonicalForms((memory, first) => memory[first] = 0),
            StringComparison.Ordinal);

    private static string? CheckEquivariance(Func<LikeTasks, Func<KernelTask>> body)
    {
        var walked = new WalkedMachine(new LikeTasks().Boot(body));
        var search = new ReducedSearchStub();
        EquivarianceCheck check = NewCheck(walked, search);
        for (int walk = 0; walk < 60 && search.ObstacleToSymmetry is null; walk++)
        {
            walked.Walk(Digits(walk));
            if (walked.Machine.Finding is null)
                check.Check(walked.Expanded());
        }

        return search.ObstacleToSymmetry;
    }

    private static EquivarianceCheck NewCheck(WalkedMachine walked, ReducedSearchStub search) =>
        new(walked.Image, walked.Machine, walked.Frames, walked.Symmetry, search);

    /// <summary>Two words that only their sum is read of, and a rewriting of them.</summary>
    private static string? CheckCanonicalForms(Action<int[], int> rewrite)
    {
        int first = 0;
        MachineImage image = SmallMachine.Boot(2, boot =>
        {
            const RegionRole Role = RegionRole.Bookkeeping;
            var parts = SharedArray<SimulatedKernel>.Create(boot, "parts", 2, guard: -1, role: Role);
            var sum = Shared<SimulatedKernel>.Create(boot, "sum", guard: -1, role: Role);
            boot.Spawn("writer", () => WriteFirst(parts));
            boot.Spawn("reader", () => Add(parts, sum));
        });
        first = image.Regions.Single(region => region.Name == "parts").Start;
        var walked = new WalkedMachine(image);
        var search = new ReducedSearchStub(memory => rewrite(memory, first));
        var check = new CanonicalFormCheck(image, walked.Machine, walked.Frames, search);
        for (int walk = 0; walk < 60; walk++)
        {
            walked.Walk(Digits(walk));
            check.Check(walked.Expanded());
        }

        return search.ObstacleToCanonicalForms;
    }

    private static async KernelTask WriteFirst(SharedArray<SimulatedKernel> parts)
    {
        await parts.WriteOnce(0, 5);
    }

    private static async KernelTask Add(SharedArray<SimulatedKernel> parts, Shared<SimulatedKernel> sum)
    {
        for (int i = 0; i < 3; i++)
            await sum.WriteOnce(parts.Peek(0) + parts.Peek(1));
    }

    /// <summary>The walk with a number: every short one has one.</summary>
    private static int[] Digits(int number)
    {
        var digits = new List<int>();
        for (; number > 0; number /= 3)
            digits.Add(number % 3);

        return [.. digits];
    }
}
