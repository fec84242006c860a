using System.Globalization;
using System.Text;
using System.Text.Json;

namespace Kmaplab.Stress.Tests.Conformance;

/// <summary>What is done to a member of a trace.</summary>
internal enum MutationKind
{
    /// <summary>It is not there.</summary>
    Removed,

    /// <summary>It is there twice.</summary>
    Doubled,

    /// <summary>It has another name.</summary>
    Renamed,

    /// <summary>Its value has another type.</summary>
    Retyped,

    /// <summary>Its value is null.</summary>
    Nulled,

    /// <summary>Its value is another one of the same type, or a list of another length.</summary>
    Altered,
}

/// <summary>A trace with one member changed.</summary>
/// <param name="Kind">What was done to it.</param>
/// <param name="Member">The member with all that it lies in, as 'state.tasks'.</param>
/// <param name="Line">The line, counted from 0.</param>
/// <param name="Text">The whole changed trace.</param>
internal sealed record TraceMutation(MutationKind Kind, string Member, int Line, string Text)
{
    /// <summary>Objects whose keys are data: another key is another value.</summary>
    private static readonly HashSet<string> s_keyed =
    [
        "low_pages",
        "page_address",
        "types",
        "entries",
        "buckets",
        "wait_for",
    ];

    /// <summary>The member's own name.</summary>
    public string Name => Member[(Member.LastIndexOf('.') + 1)..];

    /// <summary>The changed line, for a message.</summary>
    public override string ToString() => $"line {Line + 1}, '{Member}' {Kind}: {Text.Split('\n')[Line]}";

    /// <summary>Every change of every member of a trace.</summary>
    public static IEnumerable<TraceMutation> All(string text)
    {
        string[] lines = text.Split('\n');
        for (int i = 0; i < lines.Length - 1; i++)
        {
            string line = lines[i];
            int number = i;
            foreach ((MutationKind kind, string member, string changed) in OfLine(line))
                yield return new(
                    kind,
                    member,
                    number,
                    string.Join('\n', [.. lines[..number], changed, .. lines[(number + 1)..]]));
        }
    }

    private static List<(MutationKind Kind, string Member, string Text)> OfLine(string line)
    {
        var found = new List<(MutationKind, string, string)>();
        var json = new Utf8JsonReader(Encoding.UTF8.GetBytes(line));
        json.Read();
        InObject(line, ref json, "", found);
        return found;
    }

    private static void InObject(
        string line,
        ref Utf8JsonReader json,
        string path,
        List<(MutationKind, string, string)> found)
    {
        bool isKeyed = s_keyed.Contains(path[(path.LastIndexOf('.') + 1)..]);
        bool isFirst = true;
        while (json.Read() && json.TokenType != JsonTokenType.EndObject)
        {
            int start = (int)json.TokenStartIndex;
            string name = json.GetString()!;
            string member = isKeyed ? path : path == "" ? name : $"{path}.{name}";
            json.Read();
            int from = (int)json.TokenStartIndex;
            Utf8JsonReader ahead = json;
            ahead.Skip();
            int to = (int)ahead.BytesConsumed;
            if (!isKeyed)
                found.AddRange(OfMember(line, member, name, start, from, to, isFirst));

            InValue(line, ref json, member, from, to, found);
            isFirst = false;
        }
    }

    private static IEnumerable<(MutationKind, string, string)> OfMember(
        string line, string member, string name, int start, int from, int to, bool isFirst)
    {
        string whole = line[start..to];
        bool isLast = line[to] == '}';
        int cutFrom = isLast && !isFirst ? start - 1 : start;
        int cutTo = isLast ? to : to + 1;
        yield return (MutationKind.Removed, member, line.Remove(cutFrom, cutTo - cutFrom));
        yield return (MutationKind.Doubled, member, line.Insert(start, whole + ","));
        yield return (MutationKind.Renamed, member, line[..start] + $"\"{name}_\"" + line[(start + name.Length + 2)..]);
        yield return (
            MutationKind.Renamed,
            member,
            line[..start] + $"\"{name.ToUpperInvariant()}\"" + line[(start + name.Length + 2)..]);
        yield return (MutationKind.Retyped, member, line[..from] + OfAnotherType(line[from..to]) + line[to..]);
        if (line[from..to] != "null")
            yield return (MutationKind.Nulled, member, line[..from] + "null" + line[to..]);
    }

    private static void InValue(
        string line,
        ref Utf8JsonReader json,
        string member,
        int from,
        int to,
        List<(MutationKind, string, string)> found)
    {
        if (json.TokenType == JsonTokenType.StartObject)
        {
            InObject(line, ref json, member, found);
        }
        else if (json.TokenType == JsonTokenType.StartArray)
        {
            string items = line[(from + 1)..(to - 1)];
            found.Add((MutationKind.Altered, member, line[..from] + (items == "" ? "[0]" : "[]") + line[to..]));
            while (json.Read() && json.TokenType != JsonTokenType.EndArray)
            {
                int start = (int)json.TokenStartIndex;
                Utf8JsonReader ahead = json;
                ahead.Skip();
                InValue(line, ref json, member, start, (int)ahead.BytesConsumed, found);
            }
        }
        else
        {
            found.AddRange(
                Others(line[from..to])
                    .Select(other => (MutationKind.Altered, member, line[..from] + other + line[to..])));
        }
    }

    private static string OfAnotherType(string value) => value[0] switch
    {
        '"' => "1",
        '[' => "{}",
        '{' => "[]",
        't' or 'f' => "1",
        'n' => "false",
        _ => $"\"{value}\"",
    };

    private static string[] Others(string value) =>
        value switch
        {
            "null" => ["0", "1"],
            "true" => ["false"],
            "false" => ["true"],
            "\"idle\"" => ["\"dead\"", "\"Idle\""],
            ['"', ..] => ["\"idle\"", $"{value[..^1]}x\""],
            _ =>
            [
                $"{long.Parse(value, CultureInfo.InvariantCulture) + 1}",
                $"{long.Parse(value, CultureInfo.InvariantCulture) - 1}",
            ],
        };
}
