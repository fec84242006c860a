using Kmaplab.Scheduler.Coroutines;
using Kmaplab.Scheduler.Detection;
using Kmaplab.Scheduler.Kernel;
using Kmaplab.Scheduler.Simulation;
using Kmaplab.Scheduler.Simulation.Memo;
using Kmaplab.Scheduler.Simulation.Running;
using Kmaplab.Scheduler.Tests.Machines;
using Kmaplab.Scheduler.Verification;

namespace Kmaplab.Scheduler.Tests.Verification.States;

/// <summary>What is known of a state is not asked again, and nothing is taken for known that is not.</summary>
public sealed class StateChecksTests
{
    private const int Rounds = 40;

    [Theory]
    [InlineData(1)]
    [InlineData(Rounds / 2)]
    [InlineData(Rounds)]
    public void What_is_wrong_with_one_of_many_states_is_found(int wrong)
    {
        Counting program = new() { Wrong = wrong };

        VerificationReport report = Verify(program.Boot(), new MemoOptions());

        Assert.Equal(FailureClass.Assertion, report.Counterexample?.Finding.Class);
        Assert.Equal(wrong, report.Counterexample?.Schedule.Length);
    }

    [Fact]
    public void A_check_is_asked_only_where_it_sees_something_else()
    {
        MachineImage image = new Counting().Boot();

        using var search = new ExhaustiveSearch(image, Options(new MemoOptions()), () => image);
        VerificationReport report = search.Run(TestContext.Current.CancellationToken);
        VerificationReport plain = Verify(image, memo: null);

        Assert.Equal((Verdict.VerifiedSafety, plain.States), (report.Verdict, report.States));
        Assert.InRange(report.States, Rounds * Rounds, long.MaxValue);
        Assert.InRange(search.Asked, Rounds, 2 * Rounds);
    }

    [Theory]
    [InlineData(false, 1, 4)]
    [InlineData(true, Rounds, int.MaxValue)]
    public void Where_whole_states_are_kept_no_hash_tells_that_a_check_holds(bool isExact, int least, int most)
    {
        MachineImage image = new Counting { Values = 2 }.Boot(); // What the check sees was seen before, nearly always.
        VerifierOptions options = Options(new MemoOptions()) with { IsExact = isExact };

        using var search = new ExhaustiveSearch(image, options, () => image);
        search.Run(TestContext.Current.CancellationToken);

        Assert.InRange(search.Asked, least, most);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(MemoOptions.UsualCheckEvery)]
    public void A_look_that_is_not_logged_is_noticed(int checkEvery)
    {
        Counting program = new() { Wrong = Rounds / 2 };
        MachineImage image = program.Boot();
        var memo = new MemoOptions(checkEvery)
        {
            HiddenFromChecks = image.Regions.Single(region => region.Name == "seen"),
        };

        StepMemoException exception = Assert.Throws<StepMemoException>(() => Verify(image, memo));

        Assert.Contains("too many", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_check_that_looks_at_stacks_is_asked_where_another_stack_is()
    {
        MachineImage image = SmallMachine.Boot(
            1,
            boot => boot.Spawn("test", new Counting().Calls(boot)),
            detectors: new StackDetector());

        Assert.Equal(
            FailureClass.Assertion, Verify(image, new MemoOptions()).Counterexample?.Finding.Class);
    }

    [Fact]
    public void A_check_that_looks_at_what_is_no_part_of_the_state_is_asked_of_every_state()
    {
        MachineImage image = new Counting { Values = 2 }.Boot(new LastDetector());

        using var search = new ExhaustiveSearch(image, Options(new MemoOptions()), () => image);
        VerificationReport report = search.Run(TestContext.Current.CancellationToken);

        Assert.Equal(report.States - 1, search.Asked); // But of the start, which is judged otherwise.
    }

    private static VerificationReport Verify(MachineImage image, MemoOptions? memo) =>
        new Verifier(image, Options(memo)).Run(TestContext.Current.CancellationToken);

    private static VerifierOptions Options(MemoOptions? memo) => new()
    {
        Memo = memo,
        Symmetry = false,
        Fusion = false,
        Progress = false,
        ShortestWay = false,
    };

    /// <summary>Reports a state in which a task is in a function.</summary>
    private sealed class StackDetector : Detector
    {
        public override MachineEvents Events => MachineEvents.State;

        public override void OnState(MachineView machine)
        {
            if (machine.CallChain(0).Contains("inner"))
                machine.Report(FailureClass.Assertion, "it is inside");
        }
    }

    /// <summary>Looks who ran last.</summary>
    private sealed class LastDetector : Detector
    {
        public override MachineEvents Events => MachineEvents.State;

        public override void OnState(MachineView machine)
        {
            if (machine.CurrentContext < 0)
                machine.Report(FailureClass.Assertion, "nobody has run");
        }
    }

    /// <summary>A task counts where a check looks, and another one where nobody does.</summary>
    [KernelObject]
    private sealed class Counting
    {
        private Shared<SimulatedKernel> _seen;
        private Shared<SimulatedKernel> _other;

        internal int Wrong { get; init; } = int.MaxValue;

        /// <summary>How many values the counted word has.</summary>
        internal int Values { get; init; } = int.MaxValue;

        internal MachineImage Boot(params Detector[] detectors) => SmallMachine.Boot(
            2,
            boot =>
            {
                _seen = Shared<SimulatedKernel>.Create(boot, "seen", guard: -1);
                _other = Shared<SimulatedKernel>.Create(boot, "other", guard: -1);
                boot.Spawn("test", CountSeen);
                boot.Spawn("test", CountOther);
                boot.Always(Check);
            },
            detectors: detectors);

        internal Func<KernelTask> Calls(MachineBuilder boot)
        {
            _other = Shared<SimulatedKernel>.Create(boot, "other", guard: -1);
            return Outer;
        }

        private async KernelTask Inner()
        {
            await _other.ReadOnce();
            await _other.ReadOnce();
        }

        private Finding? Check() =>
            _seen.Peek >= Wrong ? new Finding(FailureClass.Assertion, "too many") : null;

        private async KernelTask Outer()
        {
            await _other.ReadOnce();
            await _other.ReadOnce();
            await Inner();
        }

        private async KernelTask CountSeen()
        {
            for (int i = 1; i <= Rounds; i++)
                await _seen.WriteOnce(i % Values);
        }

        private async KernelTask CountOther()
        {
            for (int i = 1; i <= Rounds; i++)
                await _other.WriteOnce(i);
        }
    }
}
