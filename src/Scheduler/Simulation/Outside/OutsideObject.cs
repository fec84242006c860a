using System.Reflection;
using Kmaplab.Scheduler.Coroutines.Objects;

namespace Kmaplab.Scheduler.Simulation.Outside;

/// <summary>The places of one object that somebody could write, and how to see in one go that nobody has.</summary>
/// <remarks>
/// An object that still has the bits of the copy made after the boot has not changed. One that has other bits is looked
/// at place by place: the bits may be of a place that does not matter, or the collector has moved what they refer to
/// just now.
/// </remarks>
/// <param name="reference">The object; null for a static field.</param>
/// <param name="places">What of it can change.</param>
internal sealed class OutsideObject(object? reference, OutsideSlot[] places)
{
    private const int BytesOfSmall = 256;

    private readonly object? _copy = reference is null ? null : CopyOf(reference);

    /// <summary>What a look costs, compared with one at a small object.</summary>
    internal int Weight { get; } = reference is null ? 8 : 1 + (ObjectMemory.LengthOf(reference) / BytesOfSmall);

    /// <summary>What has changed since the boot, in words; null if nothing has.</summary>
    internal string? FindChange()
    {
        if (_copy is not null && ObjectMemory.HasSameBits(reference!, _copy))
            return null;

        foreach (OutsideSlot place in places)
        {
            if (place.FindChange() is { } change)
                return change;
        }

        return null;
    }

    // A copy of what has a finalizer would be finalized as well, and give back what the object still has.
    private static object? CopyOf(object original) =>
        original.GetType().GetMethod("Finalize", BindingFlags.Instance | BindingFlags.NonPublic, [])?.DeclaringType
            == typeof(object)
            ? ObjectMemory.ShallowCopy(original)
            : null;
}
