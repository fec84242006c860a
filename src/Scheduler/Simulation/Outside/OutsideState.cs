using System.Reflection;

namespace Kmaplab.Scheduler.Simulation.Outside;

/// <summary>What tasks could share outside kernel memory: the fields of all objects that their code can reach, as they were when the machine had been booted.</summary>
/// <remarks>
/// The simulator saves, restores and compares kernel memory. A field that a task changes is none of that: states would be
/// taken for the same that are not, and a verdict could be false. So whatever has changed since the boot is reported. Reached are the
/// scenario, the port, the variant, whatever their fields lead to, variables that lambdas have captured, the elements of arrays and
/// collections, and the static fields of the same assemblies.
/// </remarks>
internal sealed class OutsideState
{
    private const int ObjectsMax = 100_000;

    private readonly List<OutsideSlot> _slots = [];

    internal OutsideState(IEnumerable<Delegate> roots)
    {
        var seen = new HashSet<object>(ReferenceEqualityComparer.Instance);
        var assemblies = new HashSet<Assembly>();
        var pending = new Queue<object>(roots);
        while (pending.TryDequeue(out object? reference))
        {
            if (seen.Count == ObjectsMax || !OutsideTypes.IsWatched(reference) || !seen.Add(reference))
                continue;

            if (OutsideTypes.IsOwnCode(reference.GetType()) && assemblies.Add(reference.GetType().Assembly))
                AddStatics(reference.GetType().Assembly, pending);

            AddObject(reference, pending);
        }
    }

    /// <summary>Fields, captured variables and elements that are watched.</summary>
    internal int Count => _slots.Count;

    /// <summary>What has changed since the boot, in a sentence; null if nothing has.</summary>
    internal string? FindChange()
    {
        foreach (OutsideSlot slot in _slots)
        {
            if (slot.FindChange() is { } change)
                return change + ": what tasks share must be kernel memory (Shared, SharedArray), which the search saves, restores and compares";
        }

        return null;
    }

    private void AddObject(object reference, Queue<object> pending)
    {
        if (reference is Array array)
        {
            AddArray(array, pending);
            return;
        }

        for (Type? type = reference.GetType(); type is not null && type != typeof(object); type = type.BaseType)
        {
            foreach (FieldInfo field in OutsideTypes.FieldsOf(type, BindingFlags.Instance))
                Add(new OutsideField(reference, field), pending);
        }
    }

    private void AddArray(Array array, Queue<object> pending)
    {
        if (array.GetType().GetElementType()!.IsPrimitive)
        {
            _slots.Add(new OutsideArray(array));
            return;
        }

        for (int i = 0; i < array.Length && array.Rank == 1; i++)
            Add(new OutsideElement(array, i), pending);
    }

    private void AddStatics(Assembly assembly, Queue<object> pending)
    {
        foreach (Type type in assembly.GetTypes())
        {
            if (type.ContainsGenericParameters || OutsideTypes.IsMadeByCompiler(type) || !OutsideTypes.IsOwnCode(type))
                continue;

            foreach (FieldInfo field in OutsideTypes.FieldsOf(type, BindingFlags.Static))
            {
                if (!field.IsInitOnly && !field.IsLiteral)
                    Add(new OutsideField(null, field), pending);
            }
        }
    }

    private void Add(OutsideSlot slot, Queue<object> pending)
    {
        _slots.Add(slot);
        OutsideTypes.EnqueueReferences(slot.Value, pending);
    }
}
