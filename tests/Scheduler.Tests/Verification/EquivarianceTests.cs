using Kmaplab.Scheduler.Coroutines;
using Kmaplab.Scheduler.Detection;
using Kmaplab.Scheduler.Kernel;
using Kmaplab.Scheduler.Simulation;
using Kmaplab.Scheduler.Simulation.Running;
using Kmaplab.Scheduler.Tests.Machines;
using Kmaplab.Scheduler.Verification;

namespace Kmaplab.Scheduler.Tests.Verification;

/// <summary>Tasks that are declared alike and are not are told apart, and what gave them away is said.</summary>
public sealed class EquivarianceTests
{
    [Fact]
    public void A_failure_of_one_task_only_is_found_although_the_tasks_were_declared_alike()
    {
        VerificationReport report = Verify(new Flags(IndexSort.None), flags => flags.SeeTheOther);

        Assert.Equal(FailureClass.Assertion, report.Counterexample?.Finding.Class);
    }

    [Fact]
    public void A_task_s_number_in_a_word_ends_symmetry_and_the_word_is_named() =>
        AssertToldApart(flags => flags.Sign, "last");

    [Fact]
    public void A_task_s_number_in_a_local_ends_symmetry_and_the_local_is_named() =>
        AssertToldApart(flags => flags.KeepNumber, "'number'");

    [Fact]
    public void An_array_that_does_not_say_what_it_is_indexed_by_ends_symmetry() =>
        AssertToldApart(new Flags(IndexSort.None), flags => flags.Raise, "depends on a name");

    [Fact]
    public void A_check_that_names_a_task_is_not_missed()
    {
        var flags = new Flags(IndexSort.Task) { SecondMayNotBeFirst = true };

        Assert.Equal(FailureClass.Assertion, Verify(flags, program => program.Raise).Counterexample?.Finding.Class);
    }

    [Fact]
    public void Tasks_that_are_alike_are_taken_for_the_same()
    {
        VerificationReport report = Verify(new Flags(IndexSort.Task), flags => flags.Raise);

        Assert.Equal((Verdict.Verified, null), (report.Verdict, report.SymmetryDropped));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_data_race_of_like_tasks_for_each_other_s_element_is_found(bool symmetry)
    {
        var flags = new Flags(IndexSort.Task);
        VerificationReport report = new Verifier(
            flags.Boot(flags.LookAtTheOther), new VerifierOptions { Symmetry = symmetry })
            .Run(TestContext.Current.CancellationToken);

        Assert.Equal(FailureClass.DataRace, report.Counterexample?.Finding.Class);
    }

    private static void AssertToldApart(Func<Flags, Func<KernelTask>> body, string culprit) =>
        AssertToldApart(new Flags(IndexSort.Task), body, culprit);

    private static void AssertToldApart(Flags flags, Func<Flags, Func<KernelTask>> body, string culprit)
    {
        VerificationReport report = Verify(flags, body);

        Assert.Equal(Verdict.Verified, report.Verdict);
        Assert.Contains(culprit, report.SymmetryDropped, StringComparison.Ordinal);
    }

    private static VerificationReport Verify(Flags flags, Func<Flags, Func<KernelTask>> body) =>
        new Verifier(flags.Boot(body(flags)), new VerifierOptions()).Run(TestContext.Current.CancellationToken);

    /// <summary>Two tasks with a flag each.</summary>
    [KernelObject]
    private sealed class Flags(IndexSort index)
    {
        private SimulatedKernel _kernel;
        private SharedArray<SimulatedKernel> _flag;
        private Shared<SimulatedKernel> _last;

        internal bool SecondMayNotBeFirst { get; init; }

        internal MachineImage Boot(Func<KernelTask> body) => SmallMachine.Boot(2, boot =>
        {
            _kernel = boot.Kernel;
            _flag = SharedArray<SimulatedKernel>.Create(boot, "flag", 2, guard: -1, index: index);
            _last = Shared<SimulatedKernel>.Create(boot, "last", guard: -1, role: RegionRole.Bookkeeping);
            boot.DeclareInterchangeable(0, 2, 0, 0);
            boot.Spawn("test", body);
            boot.Spawn("test", body);
            if (SecondMayNotBeFirst)
            {
                boot.Always(() => _flag.Peek(1) == 1 && _flag.Peek(0) == 0
                    ? new Finding(FailureClass.Assertion, "task 1 was first")
                    : null);
            }
        });

        internal async KernelTask Raise()
        {
            await _flag.WriteOnce(_kernel.CurrentTask.Number, 1);
            await _flag.ReadOnce(_kernel.CurrentTask.Number);
        }

        internal async KernelTask Sign()
        {
            await _last.ReadOnce();
            _last.Value = _kernel.CurrentTask.Number + 7;
            await _last.ReadOnce();
        }

        internal async KernelTask KeepNumber()
        {
            await _last.ReadOnce();
            int number = _kernel.CurrentTask.Number;
            await _last.ReadOnce();
            if (number > 1)
                _kernel.Fail(FailureClass.Assertion, "there is no such task");
        }

        internal async KernelTask LookAtTheOther()
        {
            _flag[_kernel.CurrentTask.Number] = 1;
            await _last.FetchAdd(1);
            if (_flag[1 - _kernel.CurrentTask.Number] == 1)
                await _last.FetchAdd(1);
        }

        internal async KernelTask SeeTheOther()
        {
            int me = _kernel.CurrentTask.Number;
            await _flag.WriteOnce(me, 1);
            int other = await _flag.ReadOnce(1 - me);
            if (me == 1 && other == 1)
                _kernel.Fail(FailureClass.Assertion, "task 1 sees task 0's flag");
        }
    }
}
