using System.Runtime.CompilerServices;

namespace Kmaplab.Scheduler.Coroutines;

/// <summary>Frames that are free to be used again, by type, so that a warm exploration allocates nothing.</summary>
/// <remarks>A pool belongs to one machine and so to one thread.</remarks>
public sealed class FramePool
{
    // The free frames of one type are linked through Parent.
    private Head[] _free = new Head[64];

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal Frame<TStateMachine> Rent<TStateMachine>()
        where TStateMachine : IAsyncStateMachine
    {
        int index = FrameType<TStateMachine>.Instance.Index;
        Head[] free = _free;
        if ((uint)index >= (uint)free.Length || free[index].Frame is not { } frame)
            return new Frame<TStateMachine>();

        free[index].Frame = frame.Parent;
        frame.Parent = null;
        return Unsafe.As<Frame<TStateMachine>>(frame);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal void Return(Frame frame)
    {
        int index = frame.Type.Index;
        if ((uint)index >= (uint)_free.Length)
            Array.Resize(ref _free, index * 2);

        ref Head head = ref _free[index];
        frame.Parent = head.Frame;
        head.Frame = frame;
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

    /// <summary>A reference in a struct, because storing into an array of references checks their type every time.</summary>
    private struct Head
    {
        internal Frame? Frame;
    }
}
