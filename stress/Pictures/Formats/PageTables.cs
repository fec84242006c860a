using System.Text.Json;
using Kmaplab.Scheduler.Coroutines.Source;
using Kmaplab.Stress.Pictures.Tracing;

namespace Kmaplab.Stress.Pictures.Formats;

/// <summary>What the page's data names by number: texts, regions, call chains, and lines of the source.</summary>
internal sealed class PageTables
{
    private const int LinesAround = 9;

    private readonly NumberTable<string> _strings = new();
    private readonly NumberTable<string> _regions = new();
    private readonly NumberTable<IReadOnlyList<KernelCall>> _chains = new(new SameCalls());
    private readonly List<int[][]> _chainCalls = [];
    private readonly NumberTable<string> _files = new(); // By path.
    private readonly List<SortedSet<int>> _lines = []; // Of each file, those that are shown.
    private readonly Dictionary<IReadOnlyList<KernelCall>, int> _chainOf = new(ReferenceEqualityComparer.Instance);

    /// <summary>The number of a text.</summary>
    internal int Text(string text) => _strings.Of(text);

    /// <summary>The number of a region's name.</summary>
    internal int Region(string name) => _regions.Of(name);

    /// <summary>The number of a call chain.</summary>
    internal int Chain(IReadOnlyList<KernelCall> calls)
    {
        if (_chainOf.TryGetValue(calls, out int known))
            return known;

        int before = _chains.Values.Count;
        int chain = _chains.Of(calls);
        _chainOf[calls] = chain;
        if (chain < before)
            return chain;

        _chainCalls.Add([.. calls.Select(call => (int[])
        [
            _strings.Of(call.Function), FileOf(call.Source), call.Source?.Line ?? 0,
        ])]);
        return chain;
    }

    private int FileOf(SourceLine? source)
    {
        if (source is null)
            return -1;

        int file = _files.Of(source.Path);
        if (file == _lines.Count)
            _lines.Add([]);

        for (int line = Math.Max(1, source.Line - LinesAround); line <= source.Line + LinesAround; line++)
            _lines[file].Add(line);

        return file;
    }

    internal void Write(Utf8JsonWriter json)
    {
        WriteChains(json);
        WriteFiles(json);
        WriteTable(json, "regions", _regions.Values);
        WriteTable(json, "strings", _strings.Values);
    }

    private void WriteChains(Utf8JsonWriter json)
    {
        json.WriteStartArray("chains");
        foreach (int[][] calls in _chainCalls)
        {
            json.WriteStartArray();
            foreach (int number in calls.SelectMany(call => call))
                json.WriteNumberValue(number);

            json.WriteEndArray();
        }

        json.WriteEndArray();
    }

    private void WriteFiles(Utf8JsonWriter json)
    {
        json.WriteStartArray("files");
        foreach ((string path, SortedSet<int> shown) in _files.Values.Zip(_lines))
        {
            IReadOnlyList<string> lines = SourceFiles.Lines(path) ?? [];
            json.WriteStartObject();
            json.WriteString("name", new SourceLine(path, 1).File);
            json.WriteStartObject("lines");
            foreach (int line in shown.Where(line => line <= lines.Count))
                json.WriteString($"{line}", lines[line - 1]);

            json.WriteEndObject();
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    private static void WriteTable(Utf8JsonWriter json, string name, IReadOnlyList<string> strings)
    {
        json.WriteStartArray(name);
        foreach (string text in strings)
            json.WriteStringValue(text);

        json.WriteEndArray();
    }

    private sealed class SameCalls : IEqualityComparer<IReadOnlyList<KernelCall>>
    {
        public bool Equals(IReadOnlyList<KernelCall>? x, IReadOnlyList<KernelCall>? y) =>
            x is null || y is null ? x == y : x.SequenceEqual(y);

        public int GetHashCode(IReadOnlyList<KernelCall> obj)
        {
            var hash = new HashCode();
            foreach (KernelCall call in obj)
            {
                hash.Add(call.Function, StringComparer.Ordinal);
                hash.Add(call.Source?.Line);
            }

            return hash.ToHashCode();
        }
    }
}
