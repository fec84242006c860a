using Kmaplab.Scheduler.Coroutines;
using Kmaplab.Scheduler.Kernel;
using Kmaplab.Scheduler.Simulation;
using Kmaplab.Scheduler.Simulation.Hardware;
using Kmaplab.Scheduler.Simulation.Running;
using Kmaplab.Scheduler.Tests.Machines;
using Kmaplab.Scheduler.Traces;

namespace Kmaplab.Scheduler.Tests.Schedules;

/// <summary>A trace shows each change at what has made it, and what operations have yielded.</summary>
[KernelObject]
public sealed class ExecutionTraceTests
{
    private SimulatedKernel _kernel;
    private SpinLock<SimulatedKernel> _inner;
    private SpinLock<SimulatedKernel> _lock;
    private WaitQueue<SimulatedKernel> _queue;
    private Shared<SimulatedKernel> _count;
    private Shared<SimulatedKernel> _head;
    private Shared<SimulatedKernel> _owner;

    [Fact]
    public void A_change_stands_at_the_function_that_made_it_not_at_the_operation_that_the_step_began_with()
    {
        TraceStep step = Trace(SetPageAddress, steps: 2).Steps[1];

        Assert.Equal(
            [
                "flush: flush_tlb_all()",
                "fill_slot: [count: 0 -> 1]",
                "fill_slot: spin_lock(inner) [inner: free -> task 0]",
                "fill_slot: spin_unlock(inner) [inner: task 0 -> free]",
                "set_page_address: spin_lock_irqsave(inner) [inner: free -> task 0]",
                "set_page_address: [count: 1 -> 5]",
                "set_page_address: spin_unlock_irqrestore(inner) [inner: task 0 -> free]",
                "set_page_address: [count: 5 -> 6]",
            ],
            OfCode(step).Select(Show));
    }

    [Fact]
    public void A_word_that_is_stored_to_twice_is_seen_twice()
    {
        TraceStep step = Assert.Single(Trace(StoreTwice, steps: 1).Steps);

        Assert.Equal(
            [
                "store_twice: spin_lock(lock) [lock: free -> task 0]",
                "store_twice: [count: 0 -> 3]",
                "store_twice: [count: 3 -> 0]",
            ],
            OfCode(step).Select(Show));
    }

    [Fact]
    public void A_step_knows_its_processor_and_each_change_its_word_as_numbers()
    {
        ExecutionTrace trace = Trace(StoreTwice, steps: 1);
        TraceStep step = Assert.Single(trace.Steps);

        Assert.Equal(0, step.Cpu);
        WordChange[] words =
        [
            .. OfCode(step)
                .Skip(1)
                .SelectMany(operation => operation.Changes.Single(change => change.Name == "count").Words),
        ];
        Assert.Equal([(0, 3), (3, 0)], words.Select(word => (word.Before, word.After)));
        Assert.Equal(words[0].Address, words[1].Address);
    }

    [Fact]
    public void Reads_and_exchanges_tell_what_they_have_yielded_decoded_like_changes()
    {
        ExecutionTrace trace = Trace(Exchange, steps: 9);

        Assert.Equal(
            [
                "reads head: record 1",
                "cmpxchg(head, record 2, NULL): fails, it is record 1",
                "cmpxchg(head, record 1, record 0): succeeds [head: record 1 -> record 0]",
                "cmpxchg(head, record 0, record 2): succeeds [head: record 0 -> record 2]",
                "xchg(head, NULL): it was record 2 [head: record 2 -> NULL]",
                "writes owner = task 0 [owner: free -> task 0]",
                "adds 2 to count: it was 0 [count: 0 -> 2]",
                "spin_trylock(lock): succeeds [lock: free -> task 0]",
                "waitqueue_active(queue): false",
            ],
            trace.Steps.Select(step => Show(step.Operations[0])["exchange: ".Length..]));
    }

    // What the machine notes at the end of a step is no kernel code's.
    private static IEnumerable<TraceOperation> OfCode(TraceStep step) =>
        step.Operations.Where(operation => operation.Calls.Count > 0);

    private static string Show(TraceOperation operation)
    {
        string text =
            operation.Result.Length > 0 ? $" {operation.Text}: {operation.Result}"
            : operation.Text.Length > 0 ? $" {operation.Text}"
            : "";
        string changes = string.Join(", ", operation.Changes.Where(change => change.Role == RegionRole.Kernel));
        return $"{operation.Function}:{text}{(changes.Length > 0 ? $" [{changes}]" : "")}";
    }

    private ExecutionTrace Trace(Func<KernelTask> body, int steps)
    {
        MachineImage image = SmallMachine.Boot(1, boot =>
        {
            _kernel = boot.Kernel;
            _inner = SpinLock<SimulatedKernel>.Create(boot, "inner", LockRank.Inner);
            _lock = SpinLock<SimulatedKernel>.Create(boot, "lock");
            _queue = WaitQueue<SimulatedKernel>.Create(boot, "queue");
            _count = Shared<SimulatedKernel>.Create(boot, "count", guard: -1);
            _head = Shared<SimulatedKernel>.Create(boot, "head", guard: -1, WordSort.Record);
            _owner = Shared<SimulatedKernel>.Create(boot, "owner", guard: -1, WordSort.Context);
            _head.Value = 2;
            boot.Spawn("test", body);
        });
        Transition[] schedule = [.. Enumerable.Repeat(Transition.Step(0), steps)];
        return ExecutionTrace.Record(new Machine(image), schedule, expected: null);
    }

    private async KernelTask SetPageAddress()
    {
        await _lock.Acquire();
        await Flush();
        await FillSlot();
        int flags = await _inner.AcquireIrqSave();
        _count.Value += 4;
        await _inner.ReleaseIrqRestore(flags);
        _count.Value++;
        await _lock.Release();
    }

    private async KernelTask Flush() => await _kernel.FlushTlbAll();

    private async KernelTask FillSlot()
    {
        _count.Value = 1;
        await _inner.Acquire();
        await _inner.Release();
    }

    private async KernelTask StoreTwice()
    {
        await _lock.Acquire();
        _count.Value = 3;
        _count.Value = 0;
        await _lock.Release();
    }

    private async KernelTask Exchange()
    {
        await _head.ReadOnce();
        await _head.CompareExchange(3, 0);
        await _head.CompareExchangeOld(2, 1);
        await _head.CompareExchange(1, 3);
        await _head.Exchange(0);
        await _owner.WriteOnce(1);
        await _count.FetchAdd(2);
        await _lock.TryAcquire();
        await _kernel.IsActiveOnce(_queue.Number);
    }
}
