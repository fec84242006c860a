using Kmaplab.Scheduler.Coroutines;
using Kmaplab.Scheduler.Detection;
using Kmaplab.Scheduler.Detectors;
using Kmaplab.Scheduler.Kernel;
using Kmaplab.Scheduler.Simulation;
using Kmaplab.Scheduler.Simulation.Running;
using Kmaplab.Scheduler.Verification;

namespace Kmaplab.Scheduler.Tests.Simulation;

/// <summary>Exchange and compare-and-exchange of single words.</summary>
public class AtomicWordTests
{
    [Fact]
    public void Exchange_hands_every_value_to_exactly_one_task() => Assert.Null(Verify(async (word, sum) =>
    {
        int old = await word.Exchange(2);
        await sum.FetchAdd(old); // 0 for the first and 2 for the second, in whatever order.
    }, 2));

    [Fact]
    public void A_compare_exchange_yields_what_the_word_was_whether_or_not_it_was_expected() =>
        Assert.Null(
            Verify(
                async (word, sum) =>
                {
                    int old = await word.CompareExchangeOld(0, 5);
                    await sum.FetchAdd(old); // One finds 0 and the other 5.
                },
                5));

    [Fact]
    public void A_compare_exchange_of_a_single_word_says_whether_it_happened() =>
        Assert.Null(
            Verify(
                async (word, sum) =>
                {
                    bool isFirst = await word.CompareExchange(0, 5);
                    await sum.FetchAdd(isFirst ? 1 : 10);
                },
                11));

    private static Finding? Verify(
        Func<Shared<SimulatedKernel>, Shared<SimulatedKernel>, KernelTask> body,
        int expected)
    {
        MachineImage image = MachineBuilder.Boot(2, 0, new MachineOptions(), StandardDetectors.Create(), boot =>
        {
            Shared<SimulatedKernel> word = Shared<SimulatedKernel>.Create(boot, "word", Protection.None);
            Shared<SimulatedKernel> sum = Shared<SimulatedKernel>.Create(boot, "sum", Protection.None);
            boot.Spawn("one", () => body(word, sum));
            boot.Spawn("other", () => body(word, sum));
            boot.AtEnd(() =>
                sum.Peek == expected ? null : new Finding(FailureClass.Assertion, $"the sum is {sum.Peek}"));
        });
        return new Verifier(image, new VerifierOptions()).Run().Counterexample?.Finding;
    }
}
