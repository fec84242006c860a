using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using Kmaplab.Scheduler.Coroutines;

namespace Kmaplab.Scheduler.Kernel;

/// <summary>An array of ints in kernel memory, protected by a lock.</summary>
public readonly struct SharedArray<TKernel>
    where TKernel : struct, IKernel
{
    private readonly TKernel _kernel;
    private readonly int _first;
    private readonly int _guard;
    private readonly bool _isShared; // Without a lock, so looks and stray stores count as accesses too.

    private SharedArray(TKernel kernel, int first, int length, int guard, RegionRole role)
    {
        _isShared = guard < 0 && role == RegionRole.Kernel;
        _kernel = kernel;
        _first = first;
        _guard = guard;
        Length = length;
    }

    /// <summary>The address of the first element.</summary>
    public int Address => _first;

    /// <summary>The number of elements.</summary>
    public int Length { get; }

    /// <summary>An element; the running task must hold the lock that protects the array.</summary>
    public ref int this[int index]
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => ref _kernel.GuardedWord(AddressOf(index), _guard);
    }

    /// <summary>
    /// How many elements, from <paramref name="start"/> on and at most <paramref name="length"/>, a loop may pass over
    /// that looks at each for <paramref name="value"/>: they are others, and count as looked at. It may say 0 at any
    /// time, so the loop has to look by itself at the next.
    /// </summary>
    public int PassOver(int start, int length, int value)
    {
        if (length <= 0)
            return 0;

        AddressOf(start + length - 1);
        return _kernel.PassOver(AddressOf(start), length, _guard, value);
    }

    /// <summary>The first element, which every array has; as any.</summary>
    internal ref int First
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => ref _kernel.GuardedWord(_first, _guard);
    }

    /// <summary>An element, looked at without the lock, where the kernel does so too.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)] // Exhaustive search looks at every state with it.
    public int Peek(int index)
    {
        int address = AddressOf(index);
        return _isShared ? _kernel.GuardedWord(address, _guard) : _kernel.Peek(address, _guard);
    }

    /// <summary>
    /// The first element from <paramref name="start"/> on that is not 0, counted from there; -1 if the next
    /// <paramref name="length"/> are. For a look from outside the kernel, as <see cref="Peek"/>.
    /// </summary>
    public int PeekNonZero(int start, int length)
    {
        if (length <= 0)
            return -1;

        AddressOf(start + length - 1);
        return _kernel.FirstNonZero(AddressOf(start), length);
    }

    // What lies behind an array belongs to somebody else, so no access may reach it.
    private int AddressOf(int index)
    {
        if ((uint)index >= (uint)Length)
            ThrowOutOfRange(index);

        return _first + index;
    }

    [DoesNotReturn]
    private void ThrowOutOfRange(int index) =>
        throw new ArgumentOutOfRangeException(null, $"element {index} of an array of {Length} in kernel memory");

    /// <summary>Overwrites an element from outside the kernel, as a stray store would.</summary>
    public void Poke(int index, int value)
    {
        if (_isShared)
            _kernel.GuardedWord(AddressOf(index), _guard) = value;
        else
            _kernel.Word(AddressOf(index)) = value;
    }

    /// <summary>
    /// Lays out an array while the machine boots; <paramref name="guard"/> is the number of its lock, or a
    /// <see cref="Protection"/>.
    /// </summary>
    public static SharedArray<TKernel> Create(
        IKernelBoot<TKernel> boot,
        string name,
        int length,
        int guard,
        WordSort sort = WordSort.Number,
        IndexSort index = IndexSort.None,
        RegionRole role = RegionRole.Kernel)
    {
        ArgumentNullException.ThrowIfNull(boot);
        return new SharedArray<TKernel>(
            boot.Kernel,
            boot.AllocateWords(name, length, sort, guard, index, role),
            length,
            guard,
            role);
    }

    /// <summary>
    /// Replaces an element of an account if it is <paramref name="expected"/>; yields what it was. No step, see
    /// <see cref="IKernel.ChangeAccount"/>.
    /// </summary>
    public int ChangeAccount(int index, int expected, int value) =>
        _kernel.ChangeAccount(AddressOf(index), expected, value);

    /// <summary>Reads an element without its lock: a step of its own.</summary>
    public KernelStep<int> ReadOnce(int index) => _kernel.ReadOnce(AddressOf(index));

    /// <summary>Writes an element without its lock: a step of its own.</summary>
    public KernelStep WriteOnce(int index, int value) => _kernel.WriteOnce(AddressOf(index), value);

    /// <summary>One atomic step: adds to an element and yields what it was.</summary>
    public KernelStep<int> FetchAdd(int index, int delta) => _kernel.FetchAdd(AddressOf(index), delta);

    /// <summary>
    /// One atomic step: replaces an element if it is <paramref name="expected"/>; yields whether it was.
    /// </summary>
    public KernelStep<bool> CompareExchange(int index, int expected, int value) =>
        _kernel.CompareExchange(AddressOf(index), expected, value);

    /// <summary>
    /// One atomic step: replaces an element if it is <paramref name="expected"/>; yields what it was (cmpxchg).
    /// </summary>
    public KernelStep<int> CompareExchangeOld(int index, int expected, int value) =>
        _kernel.CompareExchangeOld(AddressOf(index), expected, value);

    /// <summary>One atomic step: replaces an element and yields what it was (xchg).</summary>
    public KernelStep<int> Exchange(int index, int value) => _kernel.Exchange(AddressOf(index), value);

    /// <summary>Waits until an element has a value.</summary>
    public KernelStep Await(int index, int value) => _kernel.Await(AddressOf(index), value);

    /// <summary>Waits until an element compares with a value so.</summary>
    public KernelStep AwaitThat(int index, Comparison comparison, int value) =>
        _kernel.AwaitThat(AddressOf(index), comparison, value);

    /// <summary>
    /// Waits until an element compares with a value so, and adds to it in the same step; yields what it was.
    /// </summary>
    public KernelStep<int> AwaitAdd(int index, Comparison comparison, int value, int delta) =>
        _kernel.AwaitAdd(AddressOf(index), comparison, value, delta);
}

/// <summary>One int in kernel memory, protected by a lock.</summary>
public readonly struct Shared<TKernel>(SharedArray<TKernel> cell)
    where TKernel : struct, IKernel
{
    /// <summary>The word's address.</summary>
    public int Address => cell.Address;

    /// <summary>The value; the running task must hold the lock that protects it.</summary>
    public ref int Value => ref cell.First;

    /// <summary>The value, looked at without the lock, where the kernel does so too.</summary>
    public int Peek => cell.Peek(0);

    /// <summary>Overwrites the value from outside the kernel, as a stray store would.</summary>
    public void Poke(int value) => cell.Poke(0, value);

    /// <summary>
    /// Lays out a word while the machine boots; <paramref name="guard"/> is the number of its lock, or a
    /// <see cref="Protection"/>.
    /// </summary>
    public static Shared<TKernel> Create(
        IKernelBoot<TKernel> boot,
        string name,
        int guard,
        WordSort sort = WordSort.Number,
        RegionRole role = RegionRole.Kernel) =>
        new(SharedArray<TKernel>.Create(boot, name, 1, guard, sort, role: role));

    /// <summary>Reads the value without its lock: a step of its own.</summary>
    public KernelStep<int> ReadOnce() => cell.ReadOnce(0);

    /// <summary>Writes the value without its lock: a step of its own.</summary>
    public KernelStep WriteOnce(int value) => cell.WriteOnce(0, value);

    /// <summary>One atomic step: adds to the value and yields what it was.</summary>
    public KernelStep<int> FetchAdd(int delta) => cell.FetchAdd(0, delta);

    /// <summary>
    /// One atomic step: replaces the value if it is <paramref name="expected"/>; yields whether it was.
    /// </summary>
    public KernelStep<bool> CompareExchange(int expected, int value) => cell.CompareExchange(0, expected, value);

    /// <summary>
    /// One atomic step: replaces the value if it is <paramref name="expected"/>; yields what it was (cmpxchg).
    /// </summary>
    public KernelStep<int> CompareExchangeOld(int expected, int value) => cell.CompareExchangeOld(0, expected, value);

    /// <summary>One atomic step: replaces the value and yields what it was (xchg).</summary>
    public KernelStep<int> Exchange(int value) => cell.Exchange(0, value);

    /// <summary>Waits until the value is this.</summary>
    public KernelStep Await(int value) => cell.Await(0, value);

    /// <summary>Waits until the value compares with another one so.</summary>
    public KernelStep AwaitThat(Comparison comparison, int value) => cell.AwaitThat(0, comparison, value);
}
