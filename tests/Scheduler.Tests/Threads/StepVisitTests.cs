using System.Threading;
using Kmaplab.Scheduler.Coroutines;
using Kmaplab.Scheduler.Kernel;
using Kmaplab.Scheduler.Threads;
using Kmaplab.Scheduler.Threads.Orders;

namespace Kmaplab.Scheduler.Tests.Threads;

/// <summary>Where threads are recorded, nobody comes between what is one step of the simulated machine.</summary>
public sealed class StepVisitTests
{
    private const int Rounds = 3000;
    private const int Adders = 2;

    [Fact]
    public void What_is_added_without_the_lock_is_not_lost_within_a_step_of_its_holder()
    {
        var counter = new Counter();
        using ThreadMachine machine = ThreadMachine.Boot<CheckedMode>(
            new ThreadOptions { Records = true }, counter.Boot);

        ThreadEpoch run = machine.TakeEpoch(machine.Finish());

        Assert.Equal((Adders + 1) * Rounds, run.Words.Single(words => words.Name == "count").Words[0]);
    }

    [KernelObject]
    private sealed class Counter
    {
        private SpinLock<ThreadKernel<CheckedMode>> _lock;
        private Shared<ThreadKernel<CheckedMode>> _count;

        internal void Boot(IKernelBoot<ThreadKernel<CheckedMode>> boot)
        {
            _lock = SpinLock<ThreadKernel<CheckedMode>>.Create(boot, "lock");
            _count = Shared<ThreadKernel<CheckedMode>>.Create(boot, "count", _lock.Number);
            boot.Spawn("holder", Hold);
            for (int i = 0; i < Adders; i++)
                boot.Spawn("adder", Add);
        }

        private async KernelTask Hold()
        {
            for (int i = 0; i < Rounds; i++)
            {
                await _lock.Acquire();
                int before = _count.Value;
                int after = Count(before);
                _count.Value = after;
                await _lock.Release();
            }
        }

        // Takes long enough for another thread to come and go.
        private static int Count(int number)
        {
            Thread.SpinWait(100);
            return number + 1;
        }

        private async KernelTask Add()
        {
            for (int i = 0; i < Rounds; i++)
                await _count.FetchAdd(1);
        }
    }
}
