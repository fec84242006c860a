using System.Text.Json;

namespace Kmaplab.Stress.Oracle.Reading;

/// <summary>What the threads of a program share, by name; indices in order of appearance.</summary>
internal sealed class ProgramNames
{
    private const int CellsMax = 10_000;

    private readonly Dictionary<string, (int First, int Length)> _arrays = [];
    private readonly List<int> _initial = [];

    internal NameTable Variables { get; } = new();

    internal NameTable Locks { get; } = new();

    internal NameTable Conditions { get; } = new();

    internal NameTable Channels { get; } = new();

    /// <summary>Capacities of the channels, by index.</summary>
    internal List<int> Capacities { get; } = [];

    /// <summary>The values of all variables at the start.</summary>
    internal IEnumerable<int> Initial => [.. _initial, .. Enumerable.Repeat(0, Variables.Count - _initial.Count)];

    /// <summary>Declares a variable that does not start at 0, or an array.</summary>
    internal void Declare(string name, JsonElement value, OraclePlace place)
    {
        if (value.ValueKind != JsonValueKind.Array)
        {
            if (value.ValueKind != JsonValueKind.Number || !value.TryGetInt32(out int number))
                throw place.Fail($"'{name}': expected a whole number of 32 bits, or an array of them");

            Add(name, number, place);
            return;
        }

        int length = value.GetArrayLength();
        if (length == 0 || length > CellsMax)
            throw place.Fail($"the array '{name}' has {length} elements: 1 to {CellsMax} are possible");

        int first = Variables.Count;
        int index = 0;
        foreach (JsonElement element in value.EnumerateArray())
            Add($"{name}[{index++}]", place.Int(element, $"'{name}'"), place);

        if (!_arrays.TryAdd(name, (first, length)))
            throw place.Fail($"'{name}' is declared twice");
    }

    /// <summary>Declares a channel.</summary>
    internal void DeclareChannel(string name, int capacity, OraclePlace place)
    {
        if (capacity is < 1 or > CellsMax)
            throw place.Fail($"the channel '{name}' has room for {capacity}: 1 to {CellsMax} are possible");

        Channels.IndexOf(name);
        Capacities.Add(capacity);
    }

    /// <summary>The index of a variable that is no array.</summary>
    internal int Variable(string name, OraclePlace place) => !_arrays.ContainsKey(name)
        ? Variables.IndexOf(name)
        : throw place.Fail($"'{name}' is an array: say which element, like {{\"array\":\"{name}\",\"at\":0}}");

    /// <summary>The variables of an array.</summary>
    internal (int First, int Length) Array(string name, OraclePlace place) => _arrays.TryGetValue(name, out var array)
        ? array
        : throw place.Fail($"there is no array '{name}': 'init' declares them, like \"{name}\":[0,0]");

    private void Add(string name, int value, OraclePlace place)
    {
        if (Variables.TryFind(name, out _))
            throw place.Fail($"'{name}' is declared twice");

        Variables.IndexOf(name);
        _initial.Add(value);
    }
}
