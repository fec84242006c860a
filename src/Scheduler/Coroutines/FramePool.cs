using System.Runtime.CompilerServices;

namespace Kmaplab.Scheduler.Coroutines;

/// <summary>Frames that are free to be used again, by type, so that a warm exploration allocates nothing.</summary>
/// <remarks>A pool belongs to one machine and so to one thread.</remarks>
public sealed class FramePool
{
    // The free frames of one type are linked through Parent.
    private Frame?[] _free = new Frame?[64];

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal Frame<TStateMachine> Rent<TStateMachine>()
        where TStateMachine : IAsyncStateMachine
    {
        int index = FrameType<TStateMachine>.Instance.Index;
        Frame?[] free = _free;
        if ((uint)index >= (uint)free.Length || free[index] is not { } frame)
            return new Frame<TStateMachine>();

        free[index] = frame.Parent;
        frame.Parent = null;
        return Unsafe.As<Frame<TStateMachine>>(frame);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal void Return(Frame frame)
    {
        int index = frame.Type.Index;
        if ((uint)index >= (uint)_free.Length)
            Array.Resize(ref _free, index * 2);

        frame.Parent = _free[index];
        _free[index] = frame;
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
}
