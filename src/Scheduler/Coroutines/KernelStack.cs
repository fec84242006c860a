using System.Runtime.CompilerServices;
using System.Runtime.ExceptionServices;
using System.Threading;

namespace Kmaplab.Scheduler.Coroutines;

/// <summary>
/// The stack of one task: its suspended call chain, and the register in which a callee leaves its result.
/// </summary>
/// <remarks>
/// Two ways to resume. In place: the frames are reused, nothing is allocated, and the stack has one future. Copying:
/// the frames stay as they are, so that the same stack can be resumed again from the same point.
/// </remarks>
public sealed class KernelStack(FramePool pool, bool copyOnResume = false)
{
    // Exceptions on their way from a callee to its caller, over all threads: nearly always none, so nobody has to look
    // further.
    private static int s_flying;

    // While a call chain suspends: the frame whose parent is the next one to suspend.
    private Frame? _justSuspended;
    private Frame? _running;
    private Frame? _top;
    private ExceptionDispatchInfo? _thrown;
    private nint _lowest; // Where on the thread's own stack a return to a caller is refused.

    /// <summary>A stack with frames of its own.</summary>
    public KernelStack()
        : this(new FramePool())
    {
    }

    /// <summary>The innermost suspended call; null while running and after the end.</summary>
    public Frame? Top => IsDone ? null : _top;

    /// <summary>The task has returned or thrown; or it runs just now.</summary>
    public bool IsDone { get; private set; } = true;

    /// <summary>What ended the task, if an exception did.</summary>
    public Exception? Exception { get; private set; }

    internal static KernelStack Current => FramePool.Current.Running!;

    internal FramePool Pool => pool;

    /// <summary>A call of the running step was too deep to be made.</summary>
    internal bool IsRefused { get; set; }

    internal long ReturnRegister { get; set; }

    internal Frame? Running => _running;

    /// <summary>Calls <paramref name="body"/> and runs it up to its first scheduling point, or to its end.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    public void Start(Func<KernelTask> body)
    {
        pool.MakeCurrent();
        pool.Running = this;
        IsDone = true;
        Exception = null;
        _running = null;
        _justSuspended = null;
        try
        {
            if (body().GetAwaiter().IsCompleted)
                IsDone = true; // As in the catch, if a caller has caught the refusal.
        }
        catch (Exception exception)
        {
            IsDone = true; // A callee may have stopped before its caller was refused.
            Exception = exception;
        }

        if (RecursionCheck.HasRefused(this))
            EndTooDeep();
    }

    /// <summary>Runs from the scheduling point where the task stands to its next one, or to its end.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)] // KernelCallChain looks for this method on the real stack.
    public void Resume()
    {
        pool.MakeCurrent();
        ResumeHere();
    }

    // What the calls that were made have done does not count.
    private void EndTooDeep()
    {
        IsDone = true;
        Exception = RecursionCheck.TooDeep();
    }

    /// <summary><see cref="Resume"/>, on a thread that runs this stack's pool already.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)] // KernelCallChain looks for this method on the real stack.
    internal void ResumeHere()
    {
        if (pool.Running != this)
            pool.Running = this;

        IsDone = true;
        _lowest = RecursionCheck.Here() - RecursionCheck.ReturnBytes;
        Enter(_top!);
        if (RecursionCheck.HasRefused(this))
            EndTooDeep();
    }

    /// <summary>
    /// A second stack at the same point, which can be run to another end. Needs frames that are not resumed in place.
    /// </summary>
    public KernelStack Clone() =>
        copyOnResume
            ? new KernelStack(pool, copyOnResume: true)
            {
                _top = _top,
                IsDone = IsDone,
                Exception = Exception,
                ReturnRegister = ReturnRegister,
            }
            : throw new InvalidOperationException(
                "this stack resumes its frames in place, so it has only one future; make it with copyOnResume");

    /// <summary>Forgets the suspended calls, so that the stack can be started again.</summary>
    internal void Unwind()
    {
        if (!copyOnResume)
            pool.ReturnChain(Top);

        IsDone = true;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal Frame SuspendFirst<TStateMachine>(ref bool onHeap, ref TStateMachine stateMachine)
        where TStateMachine : IAsyncStateMachine
    {
        // This refuses a method with unfit locals, by an exception that must still find the method off the heap.
        Frame<TStateMachine> frame = pool.Rent<TStateMachine>();
        onHeap = true; // Only now, as a refused frame is none; and before the copy, so that the copy knows.
        frame.StateMachine = stateMachine;
        frame.ForgetHash();
        return frame;
    }

    /// <summary>A primitive suspends: its caller's frame is the top of the stack.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal void Park(Frame frame)
    {
        // Comparing first: a store of a reference has to tell the collector, and often it is the same frame as before.
        IsDone = false;
        if (_top != frame)
            _top = frame;

        if (_justSuspended != frame)
            _justSuspended = frame;
    }

    /// <summary>
    /// A call suspends because its callee has: the callee's frame is the one that has just suspended.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal void Link(Frame caller)
    {
        if (IsDone)
            throw AwaitedTwice(); // Whoever suspends has a callee that has suspended just before.

        _justSuspended!.Parent = caller;
        _justSuspended = caller;
    }

    private static KernelMisuseException AwaitedTwice() =>
        new("a KernelTask was awaited a second time, or not at once: await each call where it is made, and only once");

    /// <summary>The running frame's call has ended: its caller goes on.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)] // KernelCallChain looks for this method on the real stack.
    internal void Return(long result)
    {
        ReturnRegister = result;
        Frame ended = _running!;
        Frame? caller = ended.Parent;

        // The ended state machine is not touched again: SetResult is the last thing that MoveNext does.
        pool.Return(ended);
        if (caller is null)
        {
            IsDone = true; // A callee may have stopped before its caller was refused, and the refusal was caught.
            _running = null;
            return;
        }

        EnterCaller(caller);
    }

    /// <summary>Stands where <paramref name="top"/> is suspended; the stack must resume by copying.</summary>
    internal void Restore(Frame? top)
    {
        _top = top;
        IsDone = top is null;
        Exception = null;
    }

    [MethodImpl(MethodImplOptions.NoInlining)] // KernelCallChain looks for this method on the real stack.
    internal void Throw(Exception exception)
    {
        Frame ended = _running!;
        Frame? caller = ended.Parent;
        pool.Return(ended);
        if (caller is null)
        {
            IsDone = true; // A callee may have stopped before its caller was refused.
            _running = null;
            Exception = exception;
            return;
        }

        _thrown = ExceptionDispatchInfo.Capture(exception);
        Interlocked.Increment(ref s_flying);
        EnterCaller(caller);
    }

    /// <summary>
    /// Throws what the callee threw, which hardly ever happens: a thread's own variables are not looked at before.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static void RethrowIfThrown()
    {
        if (Volatile.Read(ref s_flying) != 0)
            Current.Rethrow();
    }

    private void Rethrow()
    {
        if (_thrown is null)
            return;

        ExceptionDispatchInfo thrown = _thrown;
        _thrown = null;
        Interlocked.Decrement(ref s_flying);
        thrown.Throw();
    }

    // Callers go on within this call, one within the other.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void EnterCaller(Frame caller)
    {
        if (RecursionCheck.Here() > _lowest || !RecursionCheck.Refuse())
            Enter(caller);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void Enter(Frame frame)
    {
        if (copyOnResume)
            frame = frame.Copy(pool);
        else
            frame.ForgetHash();

        if (_running != frame)
            _running = frame;

        frame.MoveNext();
    }
}
