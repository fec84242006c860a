using Kmaplab.Scheduler.Coroutines;
using Kmaplab.Scheduler.Detection;
using Kmaplab.Scheduler.Kernel;
using Kmaplab.Scheduler.Simulation;
using Kmaplab.Scheduler.Simulation.Running;
using Kmaplab.Scheduler.Verification;

namespace Kmaplab.Scheduler.Tests.Detection;

/// <summary>A detector that somebody else has written: what it must not do is noticed.</summary>
public sealed class ModuleDetectorTests
{
    [Fact]
    public void A_detector_that_keeps_state_in_a_field_is_reported_as_nondeterminism()
    {
        VerificationReport report = new Verifier(Boot(() => new CountsInField()), new VerifierOptions()).Run(
            TestContext.Current.CancellationToken);

        Assert.Equal(FailureClass.Nondeterminism, report.Counterexample?.Finding.Class);
        Assert.Contains(
            "the field '_exits' of CountsInField",
            report.Counterexample?.Finding.Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public void A_detector_that_keeps_state_in_words_of_its_own_is_right()
    {
        VerificationReport report = new Verifier(Boot(() => new CountsInWord()), new VerifierOptions()).Run(
            TestContext.Current.CancellationToken);

        Assert.Equal(Verdict.Verified, report.Verdict);
    }

    [Fact]
    public void A_detector_cannot_write_a_word_of_the_kernel()
    {
        var machine = new Machine(Boot(() => new WritesKernelWord()));
        machine.Reset();

        Assert.Throws<InvalidOperationException>(() => machine.Perform(machine.Enabled()[0]));
    }

    private static MachineImage Boot(Func<Detector> detector) =>
        MachineBuilder.Boot(2, 0, new MachineOptions(), [detector()], boot =>
        {
            var word = Shared<SimulatedKernel>.Create(boot, "word", Protection.Marked);
            for (int task = 0; task < 2; task++)
                boot.Spawn("writer", () => Write(word));
        });

    private static async KernelTask Write(Shared<SimulatedKernel> word) => await word.WriteOnce(1);

    private sealed class CountsInField : Detector
    {
        private int _exits;

        public override MachineEvents Events => MachineEvents.Exit;

        public override void OnExit(MachineView machine, int context)
        {
            if (++_exits > 1_000_000)
                machine.Report(FailureClass.Assertion, "too many");
        }
    }

    private sealed class CountsInWord : Detector
    {
        private int _exits;

        public override MachineEvents Events => MachineEvents.Exit;

        public override void OnBoot(MachineBuilder builder) =>
            _exits = builder.AllocateWords("exits", 1, WordSort.Number, Protection.None, role: RegionRole.Bookkeeping);

        public override void OnExit(MachineView machine, int context)
        {
            if (++machine.OwnWord(_exits) > 2)
                machine.Report(FailureClass.Assertion, "too many");
        }
    }

    private sealed class WritesKernelWord : Detector
    {
        public override MachineEvents Events => MachineEvents.Exit;

        public override void OnExit(MachineView machine, int context) => machine.OwnWord(0)++;
    }
}
