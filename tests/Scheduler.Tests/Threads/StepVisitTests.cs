using System.Threading;
using Kmaplab.Scheduler.Coroutines;
using Kmaplab.Scheduler.Detection;
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

    [Fact]
    public void What_is_looked_at_without_the_lock_is_not_what_it_is_within_a_step_of_its_holder()
    {
        var pair = new Looker();
        using ThreadMachine machine = ThreadMachine.Boot<CheckedMode>(
            new ThreadOptions { Records = true }, pair.Boot);

        ThreadEpoch run = machine.TakeEpoch(machine.Finish());

        Assert.NotEqual(0, pair.Looks); // How many there are is up to who gets a processor.
        Assert.Equal(0, pair.Halves);
        run.Order(); // Which there is.
    }

    [Fact]
    public void What_a_lock_guards_may_not_be_touched_behind_its_release_though_nobody_else_has_it_yet()
    {
        using ThreadMachine machine = ThreadMachine.Boot<CheckedMode>(new ThreadOptions { Records = true }, boot =>
        {
            var taken = SpinLock<ThreadKernel<CheckedMode>>.Create(boot, "lock");
            var word = Shared<ThreadKernel<CheckedMode>>.Create(boot, "word", taken.Number);
            boot.Spawn("releaser", async () =>
            {
                await taken.Acquire();
                word.Value = 1;
                await taken.Release();
                Assert.False(taken.IsLocked);
                word.Value = 2;
            });
        });

        Finding? finding = machine.Finish().Finding;

        Assert.Equal(FailureClass.DataRace, finding?.Class);
        Assert.Contains("accesses word without lock, which nobody holds", finding?.Message, StringComparison.Ordinal);
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

    /// <summary>The holder changes a word and an entry of the page table twice in a step; another one looks.</summary>
    [KernelObject]
    private sealed class Looker
    {
        private ThreadKernel<CheckedMode> _kernel;
        private SpinLock<ThreadKernel<CheckedMode>> _lock;
        private Shared<ThreadKernel<CheckedMode>> _word;
        private VirtualPage _page;
        private volatile int _looks;
        private volatile bool _isOver;

        internal int Looks => _looks;

        internal int Halves { get; private set; }

        internal void Boot(IKernelBoot<ThreadKernel<CheckedMode>> boot)
        {
            _kernel = boot.Kernel;
            _lock = SpinLock<ThreadKernel<CheckedMode>>.Create(boot, "lock");
            _word = Shared<ThreadKernel<CheckedMode>>.Create(boot, "word", _lock.Number);
            _page = boot.CreateRegion("window", new VirtualAddress(0x9600_0000), 1, _lock.Number, exclusive: true);
            boot.CreateFrames(2, 0);
            boot.Spawn("holder", Hold);
            boot.Spawn("looker", Look);
        }

        private async KernelTask Hold()
        {
            for (int i = 0; i < Rounds; i++)
            {
                await _lock.Acquire();
                _word.Value = 1;
                _kernel.SetPte(_page, new PageFrame(1));
                AwaitLooking();
                _word.Value = 2;
                _kernel.SetPte(_page, new PageFrame(0));
                await _lock.Release();
            }

            _isOver = true;
        }

        private void AwaitLooking()
        {
            int before = _looks;
            var spin = new SpinWait();
            for (int i = 0; i < LooksMax && _looks < before + 2; i++)
                spin.SpinOnce(sleep1Threshold: -1);
        }

        private async KernelTask Look()
        {
            while (!_isOver)
            {
                bool isHalf = _word.Peek == 1;
                isHalf |= _kernel.GetPte(_page).Number == 1;
                Halves += isHalf ? 1 : 0;
                _looks++;
                await _lock.Acquire();
                await _lock.Release();
            }
        }
    }
}
