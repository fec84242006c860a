using Kmaplab.Scheduler.Coroutines;
using Kmaplab.Scheduler.Detection;
using Kmaplab.Scheduler.Exploration;
using Kmaplab.Scheduler.Exploration.Strategies;
using Kmaplab.Scheduler.Kernel;
using Kmaplab.Scheduler.Simulation;
using Kmaplab.Scheduler.Verification;

namespace Kmaplab.Scheduler.Tests.Verification;

/// <summary>What tasks share outside kernel memory is noticed and named, by proofs and by explorers; exceptions and misuse are told apart.</summary>
public sealed class OutsideStateTests
{
    [Theory]
    [InlineData("field", "the field '_count' of Outside has changed from 0 to 1")]
    [InlineData("array", "element 0 of an array of Int32 has changed from 0 to 1")]
    [InlineData("list", "has changed")]
    [InlineData("helper", "the field 'Count' of Helper has changed from 0 to 1")]
    [InlineData("captured", "the variable 'captured', which a lambda in")]
    [InlineData("toggled", "the field '_busy' of Outside has changed from False to True")]
    public void State_outside_kernel_memory_is_named(string kind, string message)
    {
        VerificationReport report = new Verifier(Boot(kind), new VerifierOptions()) { Boot = () => Boot(kind) }.Run(TestContext.Current.CancellationToken);
        ExplorationReport explored = new Explorer(() => Boot(kind), () => new RandomWalkStrategy(1), new ExplorerOptions { Executions = 50 })
            .Run(TestContext.Current.CancellationToken);

        Assert.Equal(Verdict.Violated, report.Verdict);
        foreach (Finding? finding in (Finding?[])[report.Counterexample?.Finding, explored.First?.Finding])
        {
            Assert.Equal(FailureClass.Nondeterminism, finding?.Class);
            Assert.Contains(message, finding!.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void A_random_number_is_noticed_because_ways_lead_elsewhere_when_they_are_gone_again()
    {
        VerificationReport report = new Verifier(Boot("random"), new VerifierOptions()) { Boot = () => Boot("random") }.Run(TestContext.Current.CancellationToken);

        Assert.Equal(FailureClass.Nondeterminism, report.Counterexample?.Finding.Class);
    }

    [Fact]
    public void What_was_made_at_boot_and_is_only_read_is_no_shared_state()
    {
        VerificationReport report = new Verifier(Boot("none"), new VerifierOptions()) { Boot = () => Boot("none") }.Run(TestContext.Current.CancellationToken);

        Assert.Null(report.Counterexample?.Finding);
        Assert.Equal(Verdict.Verified, report.Verdict);
    }

    [Fact]
    public void Any_exception_of_kernel_code_is_a_finding_with_its_task_and_functions()
    {
        Finding? finding = new Verifier(Boot("throws"), new VerifierOptions()).Run(TestContext.Current.CancellationToken).Counterexample?.Finding;

        Assert.Equal(FailureClass.BugOn, finding?.Class);
        Assert.StartsWith("InvalidOperationException in task 1: no such page", finding!.Message, StringComparison.Ordinal);
        Assert.Contains("in work", finding.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("not-awaited", "without having awaited the WriteOnce before it")]
    [InlineData("awaited-twice", "awaited a second time")]
    public void Misuse_of_the_library_is_refused_in_words(string kind, string message)
    {
        KernelMisuseException refusal = Assert.Throws<KernelMisuseException>(
            () => new Verifier(Boot(kind), new VerifierOptions()).Run(TestContext.Current.CancellationToken));

        Assert.Contains(message, refusal.Message, StringComparison.Ordinal);
    }

    private static MachineImage Boot(string kind) =>
        MachineBuilder.Boot(2, interrupts: 0, new MachineOptions(), StandardDetectors.Create(), boot => new Outside(boot, kind).Spawn(boot));

    private sealed class Helper
    {
        internal int Count { get; set; }
    }

    [KernelObject]
    private sealed class Outside(IKernelBoot<SimulatedKernel> boot, string kind)
    {
        private readonly Shared<SimulatedKernel> _word = Shared<SimulatedKernel>.Create(boot, "word", guard: -1);
        private readonly int[] _array = new int[2];
        private readonly List<int> _list = [];
        private readonly Helper _helper = new();
        private int _count;
        private bool _busy;

        internal void Spawn(MachineBuilder machine)
        {
            int captured = 0;
            for (int task = 0; task < 2; task++)
            {
                int number = task;
                machine.Spawn("task", kind == "captured"
                    ? async () =>
                    {
                        await _word.WriteOnce(1);
                        captured++;
                        await _word.WriteOnce(2);
                    }
                : () => Work(number));
            }
        }

        private async KernelTask Work(int number)
        {
            await _word.WriteOnce(1);
            switch (kind)
            {
                case "field":
                    _count++;
                    break;
                case "array":
                    _array[0]++;
                    break;
                case "list":
                    _list.Add(1);
                    break;
                case "helper":
                    _helper.Count++;
                    break;
                case "toggled":
                    _busy = true;
                    await _word.WriteOnce(3);
                    _busy = false;
                    break;
                case "random" when Guid.NewGuid().GetHashCode() % 2 == 0:
                    await _word.WriteOnce(4);
                    break;
                case "throws" when number == 1:
                    throw new InvalidOperationException("no such page");
                case "not-awaited":
                    KernelStep forgotten = _word.WriteOnce(5);
                    Assert.False(forgotten.IsCompleted);
                    return;
                case "awaited-twice":
                    KernelTask task = Twice();
                    await task;
                    await task;
                    break;
                default:
                    break;
            }

            await _word.WriteOnce(2 + _count + _array[1] + (_busy ? 1 : 0));
        }

        private async KernelTask Twice() => await _word.WriteOnce(6);
    }
}
