using Kmaplab.Scheduler.Detection;
using Kmaplab.Scheduler.Kernel;
using Kmaplab.Scheduler.Simulation.Memory;

namespace Kmaplab.Scheduler.Simulation;

/// <summary>
/// What a detector sees of the machine that calls it. It can report, and write words that it has laid out itself, and
/// nothing else.
/// </summary>
public readonly struct MachineView
{
    internal MachineView(Machine machine) => Machine = machine;

    /// <summary>The tasks and interrupt handlers.</summary>
    public TaskTable Tasks => Machine.Tasks;

    /// <summary>The processors.</summary>
    public CpuTable Cpus => Machine.Cpus;

    /// <summary>The wait queues.</summary>
    public WaitQueueTable Queues => Machine.Queues;

    /// <summary>The page table, the TLBs and the page frames.</summary>
    public MmuTable Mmu => Machine.Mmu;

    /// <summary>The context that runs, or ran last.</summary>
    public int CurrentContext
    {
        get
        {
            Machine.Looks?.NoteAll(); // It is no part of the state.
            return Machine.CurrentContext;
        }
    }

    /// <summary>
    /// The call chain of the context that runs right now, or whose pending operation is being performed, as one line.
    /// </summary>
    public string RunningChain => Machine.RunningChain();

    /// <summary>For those of the library that look further.</summary>
    internal Machine Machine { get; }

    /// <summary>The context that holds a spin lock, -1 if nobody does.</summary>
    public int HolderOf(int spinLock)
    {
        Machine.Fusion.Watch?.Refuse($"a detector looks at who holds {NameOfWord(spinLock)}");
        return Machine.HolderOf(spinLock);
    }

    /// <summary>Whether a context could perform its pending operation now, if it had a CPU.</summary>
    public bool IsReady(int context) => Machine.IsReady(context);

    /// <summary>The call chain of a suspended context, innermost first, under C names.</summary>
    public IReadOnlyList<string> CallChain(int context) => Machine.CallChain(context);

    /// <summary>The name of a context, for people: "task 1".</summary>
    public string NameOf(int context) => Machine.NameOf(context);

    /// <summary>The name of a word of kernel memory: pkmap_count[3].</summary>
    public string NameOfWord(int address) => Machine.Image.NameOf(address);

    /// <summary>The name of a page of a mapped region: "slot KM_USER0 of CPU 0".</summary>
    public string NameOf(VirtualPage page) =>
        Machine.Image.NameOfPage(page.Index) ?? $"the slot at {Mmu.AddressOf(page.Index)}";

    /// <summary>
    /// Whether a mapping has been given back by all who had it (<see cref="IProofHints.DeclareGivenBack"/>).
    /// </summary>
    public bool IsGivenBack(int page, PageFrame frame) => Machine.Image.Hints.IsGivenBack(page, frame);

    /// <summary>
    /// Whether the scenario has declared a page frame free (<see cref="IProofHints.DeclareFree"/>).
    /// </summary>
    public bool IsFree(PageFrame frame) => Machine.Image.Hints.IsFree(frame);

    /// <summary>A word of kernel memory, whoever it belongs to.</summary>
    public int Word(int address)
    {
        Machine.Fusion.Watch?.NoteUnchecked(address);
        return Machine.Words[address];
    }

    /// <summary>
    /// A word that the detector has laid out with <see cref="RegionRole.Bookkeeping"/>; part of the state.
    /// </summary>
    /// <exception cref="InvalidOperationException">It is the kernel's.</exception>
    public ref int OwnWord(int address)
    {
        Machine.Fusion.Watch?.NotePlain(address);
        return ref Machine.BookkeepingWord(address);
    }

    /// <summary>
    /// Says what is wrong; of an execution the first finding counts. Further lines of the message begin with two
    /// blanks.
    /// </summary>
    public void Report(FailureClass failure, string message) => Machine.Report(failure, message);
}
