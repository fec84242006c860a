using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Kmaplab.Scheduler.Simulation.Cells;

/// <summary>
/// How the leaf is found from a position: the cells that tell its leaves apart make a number, and that a place.
/// </summary>
[StructLayout(LayoutKind.Explicit, Size = 64)]
internal struct Chooser
{
    /// <summary>The cells that a key has, at most.</summary>
    internal const int CellsMax = 16;

    private const int Turn = 24;

    /// <summary>The cells; those that are left over are the constant one.</summary>
    [FieldOffset(0)]
    internal Vector128<byte> Cells;

    /// <summary>By what the halves of the key are multiplied.</summary>
    [FieldOffset(16)]
    internal ulong FirstFactor;

    [FieldOffset(24)]
    internal ulong SecondFactor;

    /// <summary>The first place.</summary>
    [FieldOffset(32)]
    internal int Places;

    /// <summary>How many bits of the product are no part of the place.</summary>
    [FieldOffset(36)]
    internal int Shift;

    /// <summary>What <see cref="First"/> and <see cref="Second"/> are made from.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal readonly ulong Product(Vector128<byte> key)
    {
        Vector128<ulong> halves = key.AsUInt64();
        return (halves.ToScalar() * FirstFactor) + (halves.GetElement(1) * SecondFactor);
    }

    /// <summary>Where a key is, unless another one is there.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal readonly int First(ulong product) => Places + (int)(product >> Shift);

    /// <summary>Where it is then.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal readonly int Second(ulong product) => Places + (int)(BitOperations.RotateLeft(product, Turn) >> Shift);
}
