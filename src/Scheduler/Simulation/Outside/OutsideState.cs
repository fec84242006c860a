using System.Reflection;

namespace Kmaplab.Scheduler.Simulation.Outside;

/// <summary>
/// What tasks could share outside kernel memory: the fields of all objects that their code can reach, as they were when
/// the machine had been booted.
/// </summary>
/// <remarks>
/// The simulator saves, restores and compares kernel memory. A field that a task changes is none of that: states would
/// be taken for the same that are not, and a verdict could be false. So whatever has changed since the boot is
/// reported. Reached are the scenario, the port, the variant, whatever their fields lead to, variables that lambdas
/// have captured, the elements of arrays and collections, and the static fields of the classes of these objects and of
/// whole modules.
/// </remarks>
internal sealed class OutsideState
{
    private const int ObjectsMax = 100_000;

    private readonly List<OutsideObject> _changeable = [];
    private readonly List<OutsideSlot> _all = [];
    private readonly List<OutsideThreadField> _ofThreads = [];
    private readonly HashSet<object> _seen = new(ReferenceEqualityComparer.Instance);
    private readonly Queue<(object Reference, OutsideSlot? From)> _pending = new();
    private readonly OutsideStatics _statics;

    internal OutsideState(IEnumerable<object> roots, Type kernel)
    {
        _statics = new OutsideStatics(kernel);
        foreach (object root in roots)
            _pending.Enqueue((root, null));

        while (_pending.TryDequeue(out (object Reference, OutsideSlot? From) next))
        {
            if (_seen.Count == ObjectsMax || !OutsideTypes.IsWatched(next.Reference) || !_seen.Add(next.Reference))
                continue;

            AddStatics(next.Reference.GetType());
            if (next.Reference is Delegate function)
                AddTargets(function, next.From);
            else
                AddObject(
                    next.Reference,
                    next.Reference is Array array ? ElementsOf(array, next.From) : FieldsOf(next.Reference, next.From));
        }

        _seen.Clear();
        Weight = _changeable.Sum(each => each.Weight);
    }

    /// <summary>What it costs to look at all that is watched, in small objects.</summary>
    internal int Weight { get; }

    /// <summary>
    /// The calling thread is about to run tasks: what static fields of its own hold now is what they held before.
    /// </summary>
    internal void BeginOnThread()
    {
        foreach (OutsideThreadField each in _ofThreads)
            each.BeginOnThread();
    }

    /// <summary>
    /// The calling thread has booted a machine, and nothing has changed up to then: what static fields of its own hold
    /// now is what they held before.
    /// </summary>
    internal void BootedOnThread()
    {
        foreach (OutsideThreadField each in _ofThreads)
            each.BootedOnThread();
    }

    /// <summary>What has changed since the boot, in a sentence; null if nothing has.</summary>
    internal string? FindChange()
    {
        foreach (OutsideObject each in _changeable)
        {
            if (each.FindChange() is { } change)
                return change
                    + ": what tasks share must be kernel memory (Shared, SharedArray), which the search saves, "
                    + "restores and compares";
        }

        return null;
    }

    /// <summary>What another boot has made otherwise, in a sentence; null if it has made the same.</summary>
    internal string? FindDifference(OutsideState other)
    {
        if (_all.Count != other._all.Count)
            // Caches of the process, made by the first boot; what matters shows in fields and in kernel memory.
            return null;

        for (int i = 0; i < _all.Count; i++)
        {
            if (_all[i].GetType() == other._all[i].GetType() && _all[i].FindDifference(other._all[i]) is { } difference)
                return difference;
        }

        return null;
    }

    // A delegate never changes; whom it calls may.
    private void AddTargets(Delegate function, OutsideSlot? from)
    {
        foreach (Delegate each in function.GetInvocationList())
        {
            if (each.Target is { } target)
                _pending.Enqueue((target, from));
        }
    }

    private void AddStatics(Type type)
    {
        foreach (FieldInfo field in _statics.FieldsWith(type))
        {
            if (OutsideThreadField.Is(field))
                AddThreadField(field);
            else
                AddStatic(new OutsideField(null, field, null) { IsReadOnly = field.IsInitOnly });
        }
    }

    private void AddStatic(OutsideSlot slot)
    {
        Follow(slot);
        if (!slot.IsReadOnly)
            _changeable.Add(new OutsideObject(null, [slot]));
    }

    private void AddThreadField(FieldInfo field)
    {
        var slot = new OutsideThreadField(field);
        _ofThreads.Add(slot);
        AddStatic(slot);
    }

    private void AddObject(object reference, IEnumerable<OutsideSlot> places)
    {
        OutsideSlot[] slots = [.. places];
        foreach (OutsideSlot slot in slots)
            Follow(slot);

        OutsideSlot[] changeable = [.. slots.Where(slot => !slot.IsReadOnly)];
        if (changeable.Length > 0)
            _changeable.Add(new OutsideObject(reference, changeable));
    }

    private static IEnumerable<OutsideSlot> FieldsOf(object reference, OutsideSlot? from)
    {
        for (Type? type = reference.GetType(); type is not null && type != typeof(object); type = type.BaseType)
        {
            foreach (FieldInfo field in OutsideTypes.FieldsOf(type, BindingFlags.Instance))
            {
                bool isSame = OutsideTypes.HasOwnOrder(type) && from is not { IsSameInEveryBoot: false };
                yield return new OutsideField(reference, field, from)
                {
                    IsReadOnly = field.IsInitOnly,
                    IsSameInEveryBoot = isSame,
                };
            }
        }
    }

    private static IEnumerable<OutsideSlot> ElementsOf(Array array, OutsideSlot? from)
    {
        bool isSame = from is { IsSameInEveryBoot: true };
        if (array.GetType().GetElementType()!.IsPrimitive)
        {
            yield return new OutsideArray(array, from) { IsSameInEveryBoot = isSame };
            yield break;
        }

        for (int i = 0; i < array.Length; i++)
        {
            int[] index = new int[array.Rank];
            for (int rank = array.Rank - 1, rest = i; rank >= 0; rank--)
                (rest, index[rank]) = Math.DivRem(rest, array.GetLength(rank));

            yield return new OutsideElement(array, index, from) { IsSameInEveryBoot = isSame };
        }
    }

    private void Follow(OutsideSlot slot)
    {
        _all.Add(slot);
        foreach (object reference in OutsideTypes.ReferencesIn(slot.Value))
            _pending.Enqueue((reference, slot));
    }
}
