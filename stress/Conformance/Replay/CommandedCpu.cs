using Kmaplab.Allocator;
using Kmaplab.Scheduler.Coroutines;
using Kmaplab.Scheduler.Kernel;
using Kmaplab.Scheduler.Simulation.Running;

namespace Kmaplab.Stress.Conformance.Replay;

/// <summary>
/// Whatever runs on one CPU: it performs the atomic mapping that is written into its words of memory, again and again.
/// </summary>
/// <remarks>
/// A caller that hits a BUG is gone, with its preempt_count left on the CPU; the next operation is another caller's.
/// </remarks>
[KernelObject]
internal sealed class CommandedCpu
{
    private const int BusyWord = 0;
    private const int OpWord = 1;
    private const int ArgumentWord = 2;
    private const int TypeWord = 3;
    private const int ResultWord = 4;
    private const int WordCount = 5;

    private readonly HighMemory<SimulatedKernel> _port;
    private readonly SharedArray<SimulatedKernel> _words;

    public CommandedCpu(IKernelBoot<SimulatedKernel> boot, HighMemory<SimulatedKernel> port)
    {
        _port = port;
        _words = SharedArray<SimulatedKernel>.Create(
            boot,
            "command",
            WordCount,
            guard: -1,
            role: RegionRole.Bookkeeping);
        boot.Spawn("replay", Run);
    }

    /// <summary>What the last operation returned.</summary>
    public uint Result => (uint)_words.Peek(ResultWord);

    /// <summary>Says what is called once the CPU is stepped; the argument is a page, a frame or an address.</summary>
    public void Command(AtomicOp op, uint argument, KmType type)
    {
        _words.Poke(OpWord, (int)op);
        _words.Poke(ArgumentWord, (int)argument);
        _words.Poke(TypeWord, (int)type);
        _words.Poke(BusyWord, 1);
    }

    private async KernelTask Run()
    {
        while (true)
        {
            await _words.Await(BusyWord, 1);
            _words[BusyWord] = 0;
            try
            {
                uint result = await Perform();
                _words[ResultWord] = (int)result;
            }
            catch (KernelBugException)
            {
                // The machine's observer has heard of it.
            }
        }
    }

    private async KernelTask<uint> Perform()
    {
        var argument = (uint)_words[ArgumentWord];
        var type = (KmType)_words[TypeWord];
        switch ((AtomicOp)_words[OpWord])
        {
            case AtomicOp.KmapAtomic:
                return (await _port.KmapAtomic(new Page((int)argument), type)).Value;
            case AtomicOp.KmapAtomicPfn:
                return (await _port.KmapAtomicPfn(new PageFrame((int)argument), type)).Value;
            case AtomicOp.KunmapAtomic:
                await _port.KunmapAtomic(new VirtualAddress(argument), type);
                return 0;
            default:
                return (uint)_port.KmapAtomicToPage(new VirtualAddress(argument)).Number;
        }
    }
}
