using System.Threading;
using Kmaplab.Scheduler.Coroutines;
using Kmaplab.Scheduler.Kernel;
using Kmaplab.Scheduler.Threads;
using Kmaplab.Scheduler.Threads.Orders;
using Kmaplab.Scheduler.Threads.Tasks;

namespace Kmaplab.Scheduler.Tests.Threads;

/// <summary>Where threads are recorded, nobody comes between what is one step of the simulated machine.</summary>
public sealed class StepVisitTests
{
    private const int Rounds = 20;
    private const int LooksMax = 2000;

    [Fact]
    public void What_is_added_without_the_lock_is_not_lost_within_a_step_of_its_holder()
    {
        var counter = new Counter();
        using ThreadMachine machine = ThreadMachine.Boot<CheckedMode>(
            new ThreadOptions { Records = true }, counter.Boot);

        ThreadEpoch run = machine.TakeEpoch(machine.Finish());

        Assert.Equal(Rounds + counter.Added, run.Words.Single(words => words.Name == "count").Words[0]);
    }

    [KernelObject]
    private sealed class Counter
    {
        private SpinLock<ThreadKernel<CheckedMode>> _lock;
        private Shared<ThreadKernel<CheckedMode>> _count;
        private volatile int _added;
        private volatile bool _isOver;

        internal int Added => _added;

        internal void Boot(IKernelBoot<ThreadKernel<CheckedMode>> boot)
        {
            _lock = SpinLock<ThreadKernel<CheckedMode>>.Create(boot, "lock");
            _count = Shared<ThreadKernel<CheckedMode>>.Create(boot, "count", _lock.Number);
            boot.Spawn("holder", Hold);
            boot.Spawn("adder", Add);
        }

        private async KernelTask Hold()
        {
            for (int i = 0; i < Rounds; i++)
            {
                await _lock.Acquire();
                int before = _count.Value;
                AwaitAdding();
                _count.Value = before + 1;
                await _lock.Release();
            }

            _isOver = true;
        }

        // Gives the adder every chance to come in between.
        private void AwaitAdding()
        {
            int before = _added;
            var spin = new SpinWait();
            for (int i = 0; i < LooksMax && _added < before + 2; i++)
                spin.SpinOnce(sleep1Threshold: -1);
        }

        private async KernelTask Add()
        {
            while (!_isOver)
            {
                await _count.FetchAdd(1);
                _added++;
            }
        }
    }
}
