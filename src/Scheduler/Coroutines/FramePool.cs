using System.Runtime.CompilerServices;

namespace Kmaplab.Scheduler.Coroutines;

/// <summary>Frames that are free to be used again, by type, so that a warm exploration allocates nothing.</summary>
/// <remarks>A pool belongs to one machine and so to one thread.</remarks>
public class FramePool
{
    private const int BinSize = 8; // At first.

    // What the stack pointer is to a CPU: the compiler's state machines have no other way to find their stack. It leads
    // there by way of the pool, which stays the same from step to step, as a thread's own variables are slow to write.
    [ThreadStatic]
    private static FramePool? t_current;

    // By type.
    private Bin[] _bins = new Bin[64];

    /// <summary>
    /// The pool whose machine this thread steps, or stepped last; null on a thread that has never stepped one, where no
    /// frame is ever on the heap.
    /// </summary>
    internal static FramePool Current
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => t_current!;
    }

    /// <summary>The numbers of the objects made at boot.</summary>
    internal KernelObjects Objects { get; init; } = new(roots: null);

    /// <summary>Who is told of the calls on this pool's machine, if anybody.</summary>
    internal ICallObserver? CallObserver
    {
        get;
        set
        {
            CallWatching.Count(field, value);
            field = value;
        }
    }

    /// <summary>The stack that runs on this pool's machine, or ran last.</summary>
    internal KernelStack? Running { get; set; }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal void MakeCurrent()
    {
        if (t_current != this)
            BecomeCurrent();
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal Frame<TStateMachine> Rent<TStateMachine>()
        where TStateMachine : IAsyncStateMachine
    {
        int index = FrameType<TStateMachine>.Instance.Index;
        Bin[] bins = _bins;
        if ((uint)index >= (uint)bins.Length || bins[index].Count == 0)
            return new Frame<TStateMachine>(Objects);

        ref Bin bin = ref bins[index];
        Frame frame = bin.Slots![--bin.Count].Frame!;
        frame.Parent = null;
        return Unsafe.As<Frame<TStateMachine>>(frame);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal void Return(Frame frame)
    {
        int index = frame.TypeIndex;
        if ((uint)index >= (uint)_bins.Length)
            Array.Resize(ref _bins, index * 2);

        ref Bin bin = ref _bins[index];
        int count = bin.Count++;
        if (bin.Slots is not { } slots || (uint)count >= (uint)slots.Length)
            slots = Enlarge(ref bin);

        // The slot often has it still: reading that is cheaper than telling the collector of a store.
        ref Slot slot = ref slots[count];
        if (slot.Frame != frame)
            slot.Frame = frame;
    }

    /// <summary>Gives back a whole call chain that nobody will resume.</summary>
    internal void ReturnChain(Frame? top)
    {
        while (top is not null)
        {
            Frame? parent = top.Parent;
            Return(top);
            top = parent;
        }
    }

    /// <summary>This thread steps the pool's machine from now on.</summary>
    private protected virtual void BecomeCurrent() => t_current = this;

    private static Slot[] Enlarge(ref Bin bin)
    {
        Array.Resize(ref bin.Slots, bin.Slots is null ? BinSize : bin.Slots.Length * 2);
        return bin.Slots;
    }

    /// <summary>The free frames of one type, the one to be used next last; those beyond the count are in use.</summary>
    private struct Bin
    {
        internal Slot[]? Slots;
        internal int Count;
    }

    /// <summary>
    /// A reference in a struct, because storing into an array of references checks their type every time.
    /// </summary>
    private struct Slot
    {
        internal Frame? Frame;
    }
}
