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

    /// <summary>The words that move when a task, and with it its CPU, gets another number; each task stays on the CPU of its number.</summary>
    internal static void AddMoves(List<int> moves, int cpuBase, int cpu, int renamed)
    {
        foreach (int word in (ReadOnlySpan<int>)[IrqsDisabledWord, PendingFlushWord])
        {
            if (cpu == renamed)
                continue;

            moves.Add(cpuBase + (cpu * Stride) + word);
            moves.Add(cpuBase + (renamed * Stride) + word);
        }
    }

    internal void SetCurrent(int cpu, int context) => Word(cpu, CurrentWord) = context + 1;

    internal void SetIrqsDisabled(int cpu, bool disabled) => Word(cpu, IrqsDisabledWord) = disabled ? 1 : 0;

    internal ref int Interrupted(int cpu) => ref Word(cpu, InterruptedWord);

    internal ref int PendingFlush(int cpu) => ref Word(cpu, PendingFlushWord);

    private ref int Word(int cpu, int word) => ref _memory[_base + (cpu * Stride) + word];
}
