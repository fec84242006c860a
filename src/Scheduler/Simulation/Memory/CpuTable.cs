namespace Kmaplab.Scheduler.Simulation.Memory;

/// <summary>The processors: which context each one runs, and whether it takes interrupts.</summary>
public sealed class CpuTable
{
    /// <summary>Words per CPU.</summary>
    internal const int Stride = 4; // One is left over; a shift is faster than a product.

    private const int CurrentWord = 0;
    private const int IrqsDisabledWord = 1;
    private const int ShootdownWord = 2;

    private readonly KernelWords _memory;
    private readonly int _base;

    internal CpuTable(KernelWords memory, int cpuBase, int count)
    {
        _memory = memory;
        _base = cpuBase;
        Count = count;
    }

    /// <summary>Number of CPUs.</summary>
    public int Count { get; }

    /// <summary>The context that a CPU runs, -1 if it is idle.</summary>
    public int Current(int cpu) => Word(cpu, CurrentWord) - 1;

    /// <summary>Interrupts are off on a CPU.</summary>
    public bool IrqsDisabled(int cpu) => Word(cpu, IrqsDisabledWord) != 0;

    /// <summary>
    /// The words that move when a task, and with it its CPU, gets another number; each task stays on the CPU of its
    /// number.
    /// </summary>
    internal static void AddMoves(List<int> moves, int cpuBase, int cpu, int renamed)
    {
        foreach (int word in (ReadOnlySpan<int>)[IrqsDisabledWord, ShootdownWord])
        {
            if (cpu == renamed)
                continue;

            moves.Add(cpuBase + (cpu * Stride) + word);
            moves.Add(cpuBase + (renamed * Stride) + word);
        }
    }

    /// <summary>The address of the word that says whom a CPU runs.</summary>
    internal static int CurrentAddress(int cpuBase, int cpu) => cpuBase + (cpu * Stride) + CurrentWord;

    internal void SetCurrent(int cpu, int context) => Set(cpu, CurrentWord, context + 1);

    internal void SetIrqsDisabled(int cpu, bool disabled) => Set(cpu, IrqsDisabledWord, disabled ? 1 : 0);

    /// <summary>Whether a CPU owes an answer to a TLB flush that another one has sent.</summary>
    public ShootdownAnswer Shootdown(int cpu) => (ShootdownAnswer)Word(cpu, ShootdownWord);

    internal void SetShootdown(int cpu, ShootdownAnswer answer) => Set(cpu, ShootdownWord, (int)answer);

    private int Word(int cpu, int word) => _memory[_base + (cpu * Stride) + word];

    private void Set(int cpu, int word, int value) => _memory.Set(_base + (cpu * Stride) + word, value);
}

/// <summary>What a CPU still owes the sender of a TLB flush.</summary>
public enum ShootdownAnswer
{
    /// <summary>Nothing.</summary>
    None,

    /// <summary>Everything: it has not taken the interrupt yet.</summary>
    Flush,

    /// <summary>
    /// The last word: it has flushed, but runs soft interrupts on its way out, before it says that it has finished
    /// (irq_exit).
    /// </summary>
    Finish,
}
