using System.Threading;
using Kmaplab.Allocator;
using Kmaplab.Scheduler.Coroutines;
using Kmaplab.Scheduler.Detection;
using Kmaplab.Scheduler.Kernel;
using Kmaplab.Scheduler.Scenarios;
using Kmaplab.Scheduler.Threads;
using Kmaplab.Scheduler.Threads.Tasks;
using Kernel = Kmaplab.Scheduler.Threads.ThreadKernel<Kmaplab.Scheduler.Threads.Tasks.CheckedMode>;

namespace Kmaplab.Stress.Tests.Soaking;

/// <summary>
/// Mappings that change hands while tasks really run at the same time: no use is lost, so correct code is not blamed.
/// </summary>
public sealed class AccountOnThreadsTests
{
    private const int Given = 100_000;
    private const int Mapped = 100;

    // Few tasks and pages have a word for each of both; many share short rows.
    [Theory]
    [InlineData(1)]
    [InlineData(1 << 16)]
    public void Mappings_that_are_handed_to_and_fro_all_arrive(int pages) =>
        AssertBalanced(pages, s => s.Play(me: 0, other: 1), s => s.Play(me: 1, other: 0));

    [Fact]
    public void A_use_after_kunmap_is_found_on_threads_although_the_mapping_is_still_there()
    {
        ThreadRun run = Run(pages: 2, s => s.UseTooLate(new Page(1)));

        Assert.Equal(FailureClass.UseAfterUnmap, run.Finding?.Class);
        Assert.Contains("which everybody has unmapped", run.Finding!.Message, StringComparison.Ordinal);
    }

    private static void AssertBalanced(int pages, params Func<Relay, KernelTask>[] bodies)
    {
        ThreadRun run = Run(pages, bodies);

        Assert.Null(run.Finding);
        Assert.True(run.IsComplete);
    }

    private static ThreadRun Run(int pages, params Func<Relay, KernelTask>[] bodies)
    {
        var size = new ScenarioSize { Tasks = bodies.Length, Slots = 2, Pages = pages, Rounds = 1 };
        using ThreadMachine machine = ThreadMachine.Boot<CheckedMode>(
            new ThreadOptions(), boot => new Relay(bodies).Boot(boot, size));

        return machine.Run(
            end: TestContext.Current.CancellationToken, stop: TestContext.Current.CancellationToken);
    }

    [KernelObject]
    private sealed class Relay(Func<Relay, KernelTask>[] bodies) : KmapScenario<Kernel>
    {
        private readonly int[] _given = new int[2];
        private Shared<Kernel> _ready;
        private Shared<Kernel> _done;

        protected override void SpawnTasks(IKernelBoot<Kernel> boot)
        {
            _ready = Shared<Kernel>.Create(boot, "ready", Protection.Marked);
            _done = Shared<Kernel>.Create(boot, "done", Protection.Marked);
            foreach (Func<Relay, KernelTask> body in bodies)
                boot.Spawn("test", () => body(this));
        }

        internal async KernelTask UseTooLate(Page page)
        {
            VirtualAddress address = await Map(page);
            await Unmap(page);
            await Use(address, page);
        }

        internal async KernelTask Play(int me, int other)
        {
            for (int i = 0; i < Mapped; i++)
                await Map(new Page(0));

            await _ready.FetchAdd(1);
            await _ready.Await(2);
            while (Volatile.Read(ref _given[me]) < Given || Volatile.Read(ref _given[other]) < Given)
            {
                if (Highmem.Account!.UsesOf(me, 0) == 0)
                {
                    Kernel.LoopTurn(); // Whatever is lost, the test ends.
                    Thread.Yield();
                    continue;
                }

                HandOver(new Page(0), new TaskId(other));
                Volatile.Write(ref _given[me], _given[me] + 1);
            }

            await _done.FetchAdd(1);
            await _done.Await(2);
            for (int left = Highmem.Account!.UsesOf(me, 0); left > 0; left--)
                await Unmap(new Page(0));
        }
    }
}
