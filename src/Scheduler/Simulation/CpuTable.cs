namespace Kmaplab.Scheduler.Simulation;

/// <summary>The processors: which context each one runs, and whether it takes interrupts.</summary>
public sealed class CpuTable
{
    /// <summary>Words per CPU.</summary>
    internal const int Stride = 4;

    private const int CurrentWord = 0;
    private const int IrqsDisabledWord = 1;
    private const int InterruptedWord = 2;
    private const int PendingFlushWord = 3;

    private readonly int[] _memory;
    private readonly int _base;

    internal CpuTable(int[] memory, int cpuBase, int count)
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

    /// <summary>Copies the CPUs with other numbers for the tasks; each task stays on the CPU of its number.</summary>
    internal static void Rename(ReadOnlySpan<int> old, Span<int> renamed, int cpuBase, int cpus, ReadOnlySpan<int> tasks)
    {
        for (int cpu = 0; cpu < cpus; cpu++)
        {
            int from = cpuBase + (cpu * Stride);
            int to = cpuBase + (tasks[cpu] * Stride);
            renamed[to + IrqsDisabledWord] = old[from + IrqsDisabledWord];
            renamed[to + PendingFlushWord] = old[from + PendingFlushWord];
        }
    }

    internal void SetCurrent(int cpu, int context) => Word(cpu, CurrentWord) = context + 1;

    internal void SetIrqsDisabled(int cpu, bool disabled) => Word(cpu, IrqsDisabledWord) = disabled ? 1 : 0;

    internal ref int Interrupted(int cpu) => ref Word(cpu, InterruptedWord);

    internal ref int PendingFlush(int cpu) => ref Word(cpu, PendingFlushWord);

    private ref int Word(int cpu, int word) => ref _memory[_base + (cpu * Stride) + word];
}
