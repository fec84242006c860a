using System.Runtime.InteropServices;
using Kmaplab.Allocator;
using Kmaplab.Allocator.Memory;
using Kmaplab.Scheduler.Coroutines;
using Kmaplab.Scheduler.Kernel;
using Kmaplab.Scheduler.Threads;
using Kmaplab.Scheduler.Threads.Tasks;
using Kernel = Kmaplab.Scheduler.Threads.ThreadKernel<Kmaplab.Scheduler.Threads.Tasks.CheckedMode>;

namespace Kmaplab.Stress.Soaking;

/// <summary>
/// What a test module for kmap prints: it allocates a page of high memory, maps it, writes a string through the address
/// and prints both.
/// </summary>
internal static unsafe class TestcaseLine
{
    /// <summary>The scenario that does the same again and again.</summary>
    internal const string Scenario = "testcase-kmap";

    private const int PageBytes = 4096;

    /// <summary>Does that once, with real memory: the line is read where it has been written.</summary>
    internal static string Print()
    {
        HighMemory<Kernel> port = null!;
        HighmemZone<Kernel> zone = null!;
        using ThreadMachine machine = ThreadMachine.Boot<CheckedMode>(
            new ThreadOptions { Name = Scenario, RealMemory = true },
            boot =>
            {
                boot.CreateFrames(1, 0);
                port = new HighMemory<Kernel>(boot, new KmapConfig(MemoryMap.Create(1), PkmapLayout.Default));
                zone = new HighmemZone<Kernel>(boot, first: 0, pages: 1);
                boot.Spawn("testcase", () => default);
            });
        using EnteredTask entered = machine.Enter(new TaskId(0));

        Page page = Result(zone.AllocPage());
        VirtualAddress address = Result(port.Kmap(page));
        nint pointer = machine.PointerTo(address);
        "BiscuitOS-TestCase_kmap\0"u8.CopyTo(new Span<byte>((void*)pointer, PageBytes));
        string line = $"[0x{pointer:x}] {Marshal.PtrToStringUTF8(pointer)}";
        port.Kunmap(page).GetAwaiter().GetResult();
        zone.FreePage(page).GetAwaiter().GetResult();
        return line;
    }

    private static T Result<T>(KernelTask<T> call) => call.GetAwaiter().GetResult();
}
