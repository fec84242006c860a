using Kmaplab.Allocator;
using Kmaplab.Scheduler.Coroutines;
using Kmaplab.Scheduler.Kernel;
using Kmaplab.Scheduler.Kernel.Rules;
using Kmaplab.Scheduler.Simulation.Running;

namespace Kmaplab.Stress.Conformance.Replay;

/// <summary>
/// A task that idles until somebody writes an operation into its words of memory, and then performs it.
/// </summary>
[KernelObject]
internal sealed class CommandedTask
{
    private const int BusyWord = 0;
    private const int OpWord = 1;
    private const int PageWord = 2;
    private const int ValueWord = 3;
    private const int IrqWord = 4;
    private const int ResultWord = 5;
    private const int WordCount = 6;

    private readonly SimulatedKernel _kernel;
    private readonly HighMemory<SimulatedKernel> _port;
    private readonly SharedArray<SimulatedKernel> _words;

    public CommandedTask(IKernelBoot<SimulatedKernel> boot, HighMemory<SimulatedKernel> port)
    {
        _kernel = boot.Kernel;
        _port = port;
        _words = SharedArray<SimulatedKernel>.Create(
            boot,
            "command",
            WordCount,
            guard: -1,
            role: RegionRole.Bookkeeping);
        boot.Spawn("replay", Run);
    }

    /// <summary>The task is outside any operation.</summary>
    public bool IsIdle => _words.Peek(BusyWord) == 0;

    /// <summary>The operation that the task performs, or performed last.</summary>
    public Operation Operation => new(
        (TraceOp)_words.Peek(OpWord), _words.Peek(PageWord), (uint)_words.Peek(ValueWord), _words.Peek(IrqWord) != 0);

    /// <summary>What the last operation returned, NULL if it returns nothing.</summary>
    public uint Result => (uint)_words.Peek(ResultWord);

    /// <summary>Tells an idle task what to do once it is stepped.</summary>
    public void Command(in Operation operation)
    {
        _words.Poke(OpWord, (int)operation.Op);
        _words.Poke(PageWord, operation.Page);
        _words.Poke(ValueWord, (int)operation.Value);
        _words.Poke(IrqWord, operation.Irq ? 1 : 0);
        _words.Poke(BusyWord, 1);
    }

    private async KernelTask Run()
    {
        while (true)
        {
            await _words.Await(BusyWord, 1);
            VirtualAddress result = await Perform();
            _words[ResultWord] = (int)result.Value;
            _words[BusyWord] = 0;
        }
    }

    private async KernelTask<VirtualAddress> Perform()
    {
        var page = new Page(_words[PageWord]);
        switch ((TraceOp)_words[OpWord])
        {
            case TraceOp.Kmap:
                return await _port.Kmap(page);
            case TraceOp.Kunmap:
                await Kunmap(page);
                return VirtualAddress.Null;
            case TraceOp.PageAddress:
                return await _port.PageAddress(page);
            case TraceOp.SetPageAddress:
                await _port.SetPageAddress(page, new VirtualAddress((uint)_words[ValueWord]));
                return VirtualAddress.Null;
            default:
                await _port.SetPageAddress(page, VirtualAddress.Null);
                return VirtualAddress.Null;
        }
    }

    private async KernelTask Kunmap(Page page)
    {
        int raised = _words[IrqWord] * PreemptCount.HardirqOffset;
        _kernel.AddPreemptCount(raised);
        await _port.Kunmap(page);
        _kernel.AddPreemptCount(-raised);
    }
}
