using System.Reflection;
using Kmaplab.Scheduler.Coroutines;

namespace Kmaplab.Scheduler.Verification.Finiteness;

/// <summary>Remembers between which values each number among the locals of kernel functions has been.</summary>
internal sealed class LocalsWatch
{
    private readonly SortedDictionary<string, ValueRange> _ranges = new(StringComparer.Ordinal);

    /// <summary>By name.</summary>
    internal IReadOnlyDictionary<string, ValueRange> Ranges => _ranges;

    internal void Watch(Frame frame)
    {
        foreach ((string name, object value) in frame.Locals())
            Watch(value, $"local '{name}' of {frame.Type.Function}()");
    }

    private void Watch(object value, string name)
    {
        if (value is ulong or nuint)
        {
            Keep(name, (long)Math.Min(Convert.ToUInt64(value, null), long.MaxValue));
        }
        else if (value is sbyte or byte or short or ushort or int or uint or long)
        {
            Keep(name, Convert.ToInt64(value, null));
        }
        else if (!value.GetType().IsPrimitive && !value.GetType().IsEnum)
        {
            foreach (
                FieldInfo field in value
                    .GetType()
                    .GetFields(BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic))
            {
                if (field.FieldType.IsValueType)
                    Watch(field.GetValue(value)!, name);
            }
        }
    }

    private void Keep(string name, long value)
    {
        var range = new ValueRange(value, value);
        _ranges[name] = _ranges.TryGetValue(name, out ValueRange before) ? before.With(range) : range;
    }
}
