using Kmaplab.Scheduler.Coroutines;
using Kmaplab.Scheduler.Detection;
using Kmaplab.Scheduler.Kernel;
using Kmaplab.Scheduler.Simulation;
using Kmaplab.Scheduler.Simulation.Running;
using Kmaplab.Scheduler.Tests.Machines;
using Kmaplab.Scheduler.Verification;

namespace Kmaplab.Scheduler.Tests.Verification;

/// <summary>
/// Whoever judges every state sees also those in which somebody is inside of a lock section, and a search that takes
/// sections for one step does not show them.
/// </summary>
public sealed class SeenSectionTests
{
    public enum Judge
    {
        Words,
        OwnWords,
        Lock,
        Detector,
    }

    [Theory]
    [InlineData(Judge.Words)]
    [InlineData(Judge.OwnWords)]
    [InlineData(Judge.Lock)]
    [InlineData(Judge.Detector)]
    public void What_is_wrong_only_inside_of_a_section_is_found_by_whoever_judges_states(Judge judge)
    {
        foreach (bool progress in (bool[])[true, false])
        {
            VerificationReport report = Search(new Program(judge), progress);

            Assert.Equal(FailureClass.Assertion, report.Counterexample?.Finding.Class);
            Assert.Contains("may see what happens in lock sections", report.FusionDropped, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void A_check_that_sees_no_section_costs_no_states()
    {
        VerificationReport report = Search(new Program(judge: null), progress: true);

        Assert.Equal((Verdict.Verified, null), (report.Verdict, report.FusionDropped));
    }

    private static VerificationReport Search(Program program, bool progress) => new Verifier(
        program.Boot(), new VerifierOptions { Fusion = true, Progress = progress })
        .Run(TestContext.Current.CancellationToken);

    /// <summary>Two words that are the same but inside of sections, and one that is its writer's own.</summary>
    [KernelObject]
    private sealed class Program(Judge? judge)
    {
        private SpinLock<SimulatedKernel> _lock;
        private Shared<SimulatedKernel> _one;
        private Shared<SimulatedKernel> _other;
        private Shared<SimulatedKernel> _turns;
        private SharedArray<SimulatedKernel> _isInside;

        internal MachineImage Boot() => SmallMachine.Boot(2, SpawnTasks, detectors: judge == Judge.Detector
            ? [new InsideDetector(() => _one.Address)]
            : Array.Empty<Detector>());

        private void SpawnTasks(MachineBuilder boot)
        {
            _lock = SpinLock<SimulatedKernel>.Create(boot, "lock");
            _one = Shared<SimulatedKernel>.Create(boot, "one", _lock.Number);
            _other = Shared<SimulatedKernel>.Create(boot, "other", _lock.Number);
            _turns = Shared<SimulatedKernel>.Create(boot, "turns", Protection.Marked);
            _isInside = SharedArray<SimulatedKernel>.Create(boot, "inside", 2, Protection.None);
            Func<Finding?>? check = judge switch
            {
                Judge.Words => () => Wrong(_one.Peek != _other.Peek),
                Judge.OwnWords => () => Wrong(_isInside.Peek(0) + _isInside.Peek(1) == 1),
                Judge.Lock => () => Wrong(_lock.IsLocked),
                null => FindDifference,
                _ => null,
            };
            if (check is not null)
                boot.Always(check);

            boot.Spawn("test", () => Work(0));
            boot.Spawn("test", () => Work(1));
        }

        [SeesNoSection]
        private Finding? FindDifference() => Wrong(!_lock.IsLocked && _one.Peek != _other.Peek);

        private async KernelTask Work(int task)
        {
            await _lock.Acquire();
            _isInside[task] = 1;
            _one.Value++;
            await _turns.FetchAdd(1);
            _other.Value++;
            _isInside[task] = 0;
            await _lock.Release();
        }
    }

    private static Finding? Wrong(bool isWrong) =>
        isWrong ? new Finding(FailureClass.Assertion, "somebody is inside") : null;

    private sealed class InsideDetector(Func<int> one) : Detector
    {
        public override MachineEvents Events => MachineEvents.State;

        public override void OnState(MachineView machine)
        {
            if (machine.Word(one()) != machine.Word(one() + 1))
                machine.Report(FailureClass.Assertion, "somebody is inside");
        }
    }
}
