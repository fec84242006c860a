using System.IO.Hashing;
using Kmaplab.Scheduler.Coroutines.Objects;

namespace Kmaplab.Scheduler.Coroutines;

/// <summary>
/// One suspended call of a kernel function: the compiler's state machine, and below it the caller's frame.
/// </summary>
/// <remarks>
/// No frame refers to a frame above it: a callee leaves its result in the stack's return register. So a snapshot of a
/// call chain is the reference to its top frame, as long as nobody resumes a frame in place.
/// <para>
/// With thousands of tasks a step waits for the cache lines of its frames. So what resuming needs lies close together
/// before the state machine, and the hash behind it.
/// </para>
/// </remarks>
public abstract class Frame
{
    private readonly ushort _typeIndex;
    private bool _isHashed;

    private protected Frame(FrameType type)
    {
        _typeIndex = checked((ushort)type.Index);
        if (type.Refusal is { } refusal)
            throw new KernelMisuseException(refusal);
    }

    /// <summary>The caller, suspended below this frame; null at the bottom of a stack.</summary>
    public Frame? Parent { get; internal set; }

    /// <summary>Which kernel function this is a call of, and how its locals lie in memory.</summary>
    public abstract FrameType Type { get; }

    /// <summary><see cref="FrameType.Index"/>, which pools want to know often.</summary>
    internal int TypeIndex => _typeIndex;

    /// <summary>
    /// The number under which a store keeps this frame and never changes it; 0 for a frame that is free to be changed.
    /// </summary>
    internal int Number { get; set; }

    /// <summary>
    /// A hash of this call and of all its callers; equal states of the same program have equal hashes.
    /// </summary>
    /// <remarks>The parent is always hashed first, also the first time: its hash is the seed of this one.</remarks>
    public UInt128 ContentHash()
    {
        if (_isHashed)
            return Hash;

        UInt128 below = Parent?.ContentHash() ?? UInt128.Zero;
        Span<byte> locals = stackalloc byte[Type.ByteLength + 16];
        WriteTo(locals);
        System.Runtime.InteropServices.MemoryMarshal.Write(locals[Type.ByteLength..], below);
        UInt128 hash = XxHash128.HashToUInt128(locals, Type.Identity);
        Hash = hash;
        _isHashed = true;
        return hash;
    }

    private protected abstract UInt128 Hash { get; set; }

    /// <summary>Writes the values of all locals, <see cref="FrameType.ByteLength"/> bytes of them.</summary>
    internal abstract void WriteTo(Span<byte> locals);

    /// <summary>The number of the await at which this call is suspended.</summary>
    internal abstract int State();

    /// <summary>The value of each local by its source name, for people.</summary>
    public abstract IEnumerable<(string Name, object Value)> Locals();

    /// <summary>
    /// Renames what the locals name (<see cref="RenameableAttribute"/>): <paramref name="numbers"/> has the new number
    /// of each.
    /// </summary>
    internal abstract void Rename(ReadOnlySpan<int> numbers);

    internal abstract Frame Copy(FramePool pool);

    internal abstract void MoveNext();

    internal void ForgetHash() => _isHashed = false;

    /// <summary>Gives back the frames above those that a store keeps.</summary>
    internal static void ReturnUnkept(Frame? top, FramePool pool)
    {
        while (top is { Number: 0 })
        {
            Frame? parent = top.Parent;
            pool.Return(top);
            top = parent;
        }
    }
}

/// <summary>
/// A frame whose state machine is a <typeparamref name="TStateMachine"/>: a struct in Release builds, a class in Debug.
/// </summary>
internal sealed class Frame<TStateMachine>(KernelObjects objects) : Frame(FrameType<TStateMachine>.Instance)
    where TStateMachine : System.Runtime.CompilerServices.IAsyncStateMachine
{
    internal TStateMachine StateMachine = default!;
    private UInt128 _hash;

    public override FrameType Type => FrameType<TStateMachine>.Instance;

    private protected override UInt128 Hash
    {
        get => _hash;
        set => _hash = value;
    }

    internal override void MoveNext() => StateMachine.MoveNext();

    internal override Frame Copy(FramePool pool)
    {
        Frame<TStateMachine> copy = pool.Rent<TStateMachine>();
        copy.StateMachine = FrameType<TStateMachine>.CopyOf(StateMachine);
        copy.Parent = Parent;
        copy.ForgetHash();
        return copy;
    }

    internal override void WriteTo(Span<byte> locals) =>
        FrameType<TStateMachine>.Instance.Write(ref StateMachine, locals, objects);

    internal override void Rename(ReadOnlySpan<int> numbers) =>
        FrameType<TStateMachine>.Instance.Rename(ref StateMachine, numbers);

    internal override int State() => Type.Layout.StateOf(StateMachine);

    public override IEnumerable<(string Name, object Value)> Locals() => Type.Layout.Read(StateMachine);
}
