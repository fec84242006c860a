using System.Runtime.CompilerServices;
using System.Text;
using System.Threading;
using Kmaplab.Scheduler.Coroutines.Objects;
using Kmaplab.Scheduler.Coroutines.Source;

namespace Kmaplab.Scheduler.Coroutines;

/// <summary>
/// What all frames of one kernel function share: its name, an identity, and the layout of its locals.
/// </summary>
public abstract class FrameType
{
    private static int s_types;

    private protected FrameType(Type stateMachine)
    {
        // A dense index for pools and tables. It depends on the order of first use, so nothing observable may use it.
        Index = Interlocked.Increment(ref s_types) - 1;
        (Layout, Refusal) = FrameLayout.TryOf(stateMachine);
        StateMachine = stateMachine;
        Function = FunctionName.Of(stateMachine);

        // Hashes must not depend on the order of first use, so they start from the name.
        Identity = (long)System.IO.Hashing.XxHash3.HashToUInt64(Encoding.UTF8.GetBytes(stateMachine.ToString()));
    }

    /// <summary>The function's name in C#.</summary>
    public string Function { get; }

    /// <summary>The type into which the compiler has made the function.</summary>
    internal Type StateMachine { get; }

    /// <summary>The bytes that <see cref="Frame.WriteTo"/> writes.</summary>
    public int ByteLength => Layout.ByteLength;

    internal int Index { get; }

    internal long Identity { get; }

    internal FrameLayout Layout { get; }

    /// <summary>
    /// Why this function cannot be suspended; null if it can. Thrown by the first frame, as a static constructor would
    /// bury it.
    /// </summary>
    internal string? Refusal { get; }
}

/// <summary>The one <see cref="FrameType"/> of a state machine type, found without a lookup.</summary>
internal sealed class FrameType<TStateMachine> : FrameType
    where TStateMachine : IAsyncStateMachine
{
    internal static readonly FrameType<TStateMachine> Instance = new();

    // A field of its own, so that the JIT knows the answer where it is no.
    private static readonly bool s_mayHoldException = Instance.Layout.MayHoldException;

    private FrameType()
        : base(typeof(TStateMachine))
    {
    }

    /// <summary>Refuses to suspend a state machine that holds an exception at this moment.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static void CheckHoldsNoException(ref TStateMachine stateMachine)
    {
        if (s_mayHoldException && Instance.Layout.RefusalOf(ref FirstByte(ref stateMachine)) is { } refusal)
            throw new KernelMisuseException(refusal);
    }

    internal static TStateMachine CopyOf(TStateMachine stateMachine) =>
        typeof(TStateMachine).IsValueType ? stateMachine : (TStateMachine)ObjectMemory.ShallowCopy(stateMachine);

    internal void Write(ref TStateMachine stateMachine, Span<byte> locals, KernelObjects objects) =>
        Layout.Write(ref FirstByte(ref stateMachine), locals, objects, Index);

    internal void Rename(ref TStateMachine stateMachine, ReadOnlySpan<int> numbers) =>
        Layout.Rename(ref FirstByte(ref stateMachine), numbers);

    private static ref byte FirstByte(ref TStateMachine stateMachine) => ref typeof(TStateMachine).IsValueType
        ? ref Unsafe.As<TStateMachine, byte>(ref stateMachine)
        : ref ObjectMemory.FirstByte(stateMachine);
}
