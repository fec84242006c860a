using System.Runtime.CompilerServices;
using System.Threading;
using Kmaplab.Scheduler.Coroutines;
using Kmaplab.Scheduler.Coroutines.Plain;
using Kmaplab.Scheduler.Kernel;
using Kmaplab.Scheduler.Simulation.Hardware;
using Kmaplab.Scheduler.Simulation.Operations;
using Kmaplab.Scheduler.Threads.Tasks;

namespace Kmaplab.Scheduler.Threads;

/// <summary>
/// The kernel whose tasks are OS threads: every operation happens at once, with real atomics and real sleep, and awaits
/// allocate nothing.
/// </summary>
/// <remarks>
/// Guarded accesses are plain, marked ones volatile, and what reads and writes in one step is interlocked. A task has a
/// CPU for itself. There is no TLB of which anybody could see what is in it: addresses lead where the page table says.
/// </remarks>
/// <typeparam name="TMode"><see cref="CheckedMode"/> or <see cref="BareMode"/>.</typeparam>
public readonly unsafe partial struct ThreadKernel<TMode> : IKernel, IRunsAtOnce
    where TMode : struct, IThreadMode
{
    private readonly ThreadMachine _machine;
    private readonly int* _words; // Of the machine, which keeps them where they are as long as it lives.

    internal ThreadKernel(ThreadMachine machine)
    {
        _machine = machine;
        _words = machine.Words;
    }

    /// <inheritdoc/>
    public static bool RunsAtOnce => TMode.RunsAtOnce;

    /// <inheritdoc/>
    public TaskId CurrentTask => new(Current?.Number ?? -1);

    /// <inheritdoc/>
    public CpuId CurrentCpu => new(Current?.Number ?? -1);

    /// <inheritdoc/>
    public int PreemptCount => Current?.Record.PreemptCount ?? 0;

    /// <inheritdoc/>
    public int PreemptDepthOn(CpuId cpu) =>
        Kernel.Rules.PreemptCount.DepthOf(_machine.Tasks[cpu.Number].Record.PreemptCount);

    /// <inheritdoc/>
    public bool IrqsDisabled => Current is { Record.IrqsDisabled: true };

    private static ThreadTask? Current
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => ThreadTask.t_current;
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public ref int Word(int address) => ref *(_words + (uint)address); // Sign extension takes an instruction.

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public int Peek(int address, int guard) =>
        guard >= 0 && Recording is { } recorder ? recorder.Peek(address, guard) : Word(address);

    /// <inheritdoc/>
    public int FirstNonZero(int address, int length) =>
        new ReadOnlySpan<int>(_words + address, length).IndexOfAnyExcept(0);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public ref int GuardedWord(int address, int guard)
    {
        if (TMode.Checks)
            _machine.CheckAccess(address, guard);

        return ref Word(address);
    }

    /// <inheritdoc/>
    public int PassOver(int first, int length, int guard, int value) => 0;

    /// <inheritdoc/>
    public int ChangeAccount(int address, int expected, int value) =>
        Interlocked.CompareExchange(ref Word(address), value, expected);

    /// <inheritdoc/>
    public KernelStep<int> ReadOnce(int address)
    {
        Begin();
        return KernelStep<int>.Done(
            Recording?.Perform(OperationKind.ReadOnce, address) ?? Volatile.Read(ref Word(address)));
    }

    /// <inheritdoc/>
    public KernelStep WriteOnce(int address, int value)
    {
        Begin();
        if (Recording is { } recorder)
            recorder.Perform(OperationKind.WriteOnce, address, value);
        else
            Volatile.Write(ref Word(address), value);

        return KernelStep.Done;
    }

    /// <inheritdoc/>
    public KernelStep<int> FetchAdd(int address, int delta)
    {
        Begin();
        return KernelStep<int>.Done(
            Recording?.Perform(OperationKind.FetchAdd, address, delta)
            ?? (Interlocked.Add(ref Word(address), delta) - delta));
    }

    /// <inheritdoc/>
    public KernelStep<bool> CompareExchange(int address, int expected, int value)
    {
        Begin();
        return KernelStep<bool>.Done(Recording is { } recorder
            ? recorder.Perform(OperationKind.CompareExchange, address, expected, value) != 0
            : Interlocked.CompareExchange(ref Word(address), value, expected) == expected);
    }

    /// <inheritdoc/>
    public KernelStep<int> CompareExchangeOld(int address, int expected, int value)
    {
        Begin();
        return KernelStep<int>.Done(
            Recording?.Perform(OperationKind.CompareExchangeOld, address, expected, value)
            ?? Interlocked.CompareExchange(ref Word(address), value, expected));
    }

    /// <inheritdoc/>
    public KernelStep<int> Exchange(int address, int value)
    {
        Begin();
        return KernelStep<int>.Done(
            Recording?.Perform(OperationKind.Exchange, address, value)
            ?? Interlocked.Exchange(ref Word(address), value));
    }

    /// <inheritdoc/>
    public KernelStep Await(int address, int value)
    {
        Begin();
        _machine.AwaitWord(address, value);
        return KernelStep.Done;
    }

    /// <inheritdoc/>
    public KernelStep<int> Choose(int outcomes)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(outcomes, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(outcomes, Transition.MaxOutcomes);
        Begin();
        int outcome = (int)(Current!.Record.NextRandom() % (ulong)outcomes);
        Recording?.Add(Current, OperationKind.Choose, 0, 0, outcome);
        return KernelStep<int>.Done(outcome);
    }

    /// <inheritdoc/>
    public KernelStep<bool> ChooseRound()
    {
        _machine.BeginRound();
        bool mayEnd = TMode.Checks && _machine.Options.Jitter && Jitter.EndsNow(ref Current!.Record);
        bool goesOn = !_machine.IsEnding && !mayEnd;
        Recording?.Add(Current!, OperationKind.Choose, 0, 0, goesOn ? 1 : 0);
        return KernelStep<bool>.Done(goesOn);
    }

    /// <inheritdoc/>
    public KernelStep InterruptWindow() => KernelStep.Done; // There are no interrupts, and nobody shares the CPU.

    // In bare mode there is nobody, and the JIT knows.
    private ThreadRecorder? Recording
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => TMode.Checks ? _machine.Recording : null;
    }

    // In front of a primitive.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void Begin()
    {
        if (TMode.Checks)
            _machine.Begin();
    }
}
