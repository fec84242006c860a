using Kmaplab.Scheduler.Coroutines;
using Kmaplab.Scheduler.Detection;
using Kmaplab.Scheduler.Kernel;
using Kmaplab.Scheduler.Simulation;
using Kmaplab.Scheduler.Simulation.Memo;
using Kmaplab.Scheduler.Simulation.Running;
using Kmaplab.Scheduler.Tests.Machines;
using Kmaplab.Scheduler.Verification;

namespace Kmaplab.Scheduler.Tests.Verification.Symmetry;

/// <summary>
/// Names that no renaming finds, in places that a sample of states does not meet: late, in a word that is no part of a
/// stack, and while the tasks stand at different places, so that only one of two like states is gone on from.
/// </summary>
public sealed class HiddenNamesTests
{
    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public void A_task_s_number_that_is_written_late_is_not_missed(int task) =>
        AssertFound(new LateNames { Bad = task });

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public void Nor_is_it_by_a_search_that_performs_every_step(int task) =>
        AssertFound(new LateNames { Bad = task }, memo: null);

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public void A_check_that_names_a_task_late_is_not_missed(int task) =>
        AssertFound(new LateNames { Bad = task, Checks = true });

    [Theory]
    [InlineData(1, 2)]
    [InlineData(1, 3)]
    [InlineData(2, 1)]
    [InlineData(2, 3)]
    [InlineData(3, 1)]
    [InlineData(3, 2)]
    public void A_check_at_the_end_that_names_three_tasks_is_not_missed(int first, int second) =>
        AssertFound(new LateNames { Tasks = 3, WrongOrder = (first, second) });

    [Fact]
    public void Names_that_have_types_keep_symmetry()
    {
        VerificationReport report = Verify(new LateNames { Bad = -1 }, MemoOptions.Shadow);

        Assert.Equal((Verdict.Verified, null), (report.Verdict, report.SymmetryDropped));
    }

    [Fact]
    public void A_rewriting_of_the_scenario_s_own_proves_nothing()
    {
        MachineImage image = SmallMachine.Boot(1, boot =>
        {
            var flag = Shared<SimulatedKernel>.Create(boot, "flag", guard: -1, role: RegionRole.Bookkeeping);
            boot.Canonicalize(memory => memory[flag.Address] = 0);
            boot.Spawn("test", () => SetAndLook(boot.Kernel, flag));
        });

        VerificationReport report = Verify(image, new VerifierOptions());

        Assert.Equal(FailureClass.Assertion, report.Counterexample?.Finding.Class);
    }

    private static async KernelTask SetAndLook(SimulatedKernel kernel, Shared<SimulatedKernel> flag)
    {
        await flag.WriteOnce(1);
        for (int i = 0; i < 3; i++)
            await kernel.InterruptWindow();

        if (await flag.ReadOnce() == 1)
            kernel.Fail(FailureClass.Assertion, "the flag is there");
    }

    private static void AssertFound(LateNames names) => AssertFound(names, new MemoOptions());

    private static void AssertFound(LateNames names, MemoOptions? memo)
    {
        VerificationReport report = Verify(names, memo);

        Assert.Equal(FailureClass.Assertion, report.Counterexample?.Finding.Class);
    }

    private static VerificationReport Verify(LateNames names, MemoOptions? memo) =>
        Verify(names.Boot(), new VerifierOptions { Memo = memo });

    private static VerificationReport Verify(MachineImage image, VerifierOptions options) =>
        new Verifier(image, options).Run(TestContext.Current.CancellationToken);

    /// <summary>Tasks that go in and out 300 times; whoever is in alone after 250 times leaves its name.</summary>
    [KernelObject]
    private sealed class LateNames
    {
        private const int Late = 250; // More than the 1024 states from which all steps are tried anyway.
        private const int End = 300;

        private SimulatedKernel _kernel;
        private Shared<SimulatedKernel> _turns;
        private Shared<SimulatedKernel> _in;
        private Shared<SimulatedKernel> _last;
        private SharedArray<SimulatedKernel> _mine;

        internal int Tasks { get; init; } = 2;

        /// <summary>The task that must not leave its name.</summary>
        internal int Bad { get; init; } = -1;

        /// <summary>Who looks for it is no task.</summary>
        internal bool Checks { get; init; }

        /// <summary>The tasks only come in some order, of which one is wrong: when two of them come.</summary>
        internal (int First, int Second)? WrongOrder { get; init; }

        internal MachineImage Boot() => SmallMachine.Boot(Tasks, boot =>
        {
            const RegionRole Role = RegionRole.Bookkeeping;
            _kernel = boot.Kernel;
            _turns = Shared<SimulatedKernel>.Create(boot, "turns", guard: -1, role: Role);
            _in = Shared<SimulatedKernel>.Create(boot, "in", guard: -1, role: Role);
            _last = Shared<SimulatedKernel>.Create(boot, "last", guard: -1, role: Role);
            _mine = SharedArray<SimulatedKernel>.Create(
                boot, "mine", Tasks, guard: -1, index: IndexSort.Task, role: Role);
            boot.DeclareInterchangeable(0, Tasks, 0, 0);
            for (int task = 0; task < Tasks; task++)
                boot.Spawn("test", WrongOrder is null ? Turn : Come);

            if (Checks)
                boot.Always(() => Wrong(_turns.Peek == Late && _mine.Peek(Bad) > _mine.Peek(1 - Bad)));

            if (WrongOrder is { } wrong)
                boot.AtEnd(() => Wrong((_mine.Peek(0), _mine.Peek(1)) == wrong));
        });

        private static Finding? Wrong(bool isWrong) =>
            isWrong ? new Finding(FailureClass.Assertion, "it was the wrong one") : null;

        private async KernelTask Come()
        {
            int before = await _turns.FetchAdd(1);
            await _mine.WriteOnce(_kernel.CurrentTask.Number, before + 1);
        }

        private async KernelTask Turn()
        {
            while (await _turns.FetchAdd(1) < End)
            {
                await _in.FetchAdd(1);
                if (Checks)
                    _mine[_kernel.CurrentTask.Number] = 1;

                bool isAlone = await _in.FetchAdd(-1) == 1;
                _mine[_kernel.CurrentTask.Number] = 0;
                if (isAlone && Bad >= 0 && !Checks && _turns.Value is > Late and < Late + 5)
                    _last.Value = _kernel.CurrentTask.Number + 1;

                if (_turns.Value > Late + 20 && _last.Value == Bad + 1 && Bad >= 0)
                    _kernel.Fail(FailureClass.Assertion, "the wrong one has left its name");
            }
        }
    }
}
