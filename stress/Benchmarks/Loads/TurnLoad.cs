using Kmaplab.Allocator.Memory;
using Kmaplab.Scheduler.Coroutines;
using Kmaplab.Scheduler.Detection;
using Kmaplab.Scheduler.Kernel;
using Kmaplab.Scheduler.Threads;
using Kmaplab.Scheduler.Threads.Tasks;
using Kernel = Kmaplab.Scheduler.Threads.ThreadKernel<Kmaplab.Scheduler.Threads.Tasks.BareMode>;

namespace Kmaplab.Stress.Benchmarks.Loads;

/// <summary>Two tasks that hand a turn to and fro, each asleep until it has it.</summary>
/// <remarks>
/// With real memory the number of the turn is in a page that each of them has mapped at an address of its own.
/// </remarks>
internal sealed class TurnLoad
{
    private const int Players = 2;

    private readonly int _turns;
    private readonly bool _hasPage;
    private readonly Kernel _kernel;
    private readonly WaitQueue<Kernel> _queue;
    private readonly Shared<Kernel> _turn;
    private readonly VirtualPage _window;

    private TurnLoad(IKernelBoot<Kernel> boot, int turns, bool hasPage)
    {
        _turns = turns;
        _hasPage = hasPage;
        _kernel = boot.Kernel;
        _queue = WaitQueue<Kernel>.Create(boot, "queue");
        _turn = Shared<Kernel>.Create(boot, "turn", Protection.Marked);
        _window = boot.CreateRegion("window", PkmapLayout.DefaultBase, Players, Protection.None, exclusive: false);
        boot.CreateFrames(1, 0);
        for (int task = 0; task < Players; task++)
        {
            int me = task;
            boot.Spawn("player", () => Play(me));
        }
    }

    internal static ThreadMachine Boot(int turns, bool realMemory) => ThreadMachine.Boot<BareMode>(
        new ThreadOptions { Name = "turns", RealMemory = realMemory },
        boot => _ = new TurnLoad(boot, turns, realMemory));

    private async KernelTask Play(int me)
    {
        VirtualAddress address = new PkmapLayout(PkmapLayout.DefaultBase, Players).AddressOf(me);
        var frame = new PageFrame(0);
        if (_hasPage)
            _kernel.SetPte(new VirtualPage(_window.Index + me), frame);

        for (int i = 0; i < _turns; i++)
        {
            await _queue.Add();
            while (true)
            {
                await _kernel.SetState(TaskState.Uninterruptible);
                if (await _turn.ReadOnce() == me)
                    break;

                await _kernel.Schedule();
            }

            await _kernel.SetState(TaskState.Running);
            await _queue.Remove();
            if (_hasPage)
                await HandOn(address, frame, (Players * i) + me);

            await _turn.WriteOnce(1 - me);
            await _queue.WakeUp();
        }
    }

    private async KernelTask HandOn(VirtualAddress address, PageFrame frame, int turn)
    {
        int before = await _kernel.Load(address, frame);
        if (before != turn)
            _kernel.Fail(FailureClass.Assertion, $"turn {turn} finds {before} in the page");

        await _kernel.Store(address, frame, turn + 1);
    }
}
