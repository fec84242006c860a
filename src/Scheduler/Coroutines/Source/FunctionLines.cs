using System.Buffers.Binary;
using System.Reflection.Metadata;

namespace Kmaplab.Scheduler.Coroutines.Source;

/// <summary>The lines of one kernel function, by place in the code of its MoveNext().</summary>
internal sealed class FunctionLines
{
    // "Async method stepping" of the portable PDB format.
    private static readonly Guid s_stepping = new("54FD2AC5-E925-401A-9C2A-F94F171072F8");

    private readonly (int Offset, SourceLine Line)[] _points;
    private readonly Dictionary<int, int> _yields; // By state, where the function stops.

    private FunctionLines((int Offset, SourceLine Line)[] points, Dictionary<int, int> yields)
    {
        _points = points;
        _yields = yields;
    }

    /// <summary>Reads what the symbols say of a method.</summary>
    internal static FunctionLines Read(MetadataReader symbols, MethodDefinitionHandle method, byte[] code)
    {
        var points = new List<(int, SourceLine)>();
        foreach (SequencePoint point in symbols.GetMethodDebugInformation(method).GetSequencePoints())
        {
            if (!point.IsHidden)
            {
                string path = symbols.GetString(symbols.GetDocument(point.Document).Name);
                points.Add((point.Offset, new SourceLine(path, point.StartLine)));
            }
        }

        var yields = new Dictionary<int, int>();
        foreach (int offset in YieldsOf(symbols, method))
        {
            if (StateBefore(code, offset) is { } state)
                yields[state] = offset;
        }

        return new FunctionLines([.. points], yields);
    }

    /// <summary>The first line; null if it has none.</summary>
    internal SourceLine? First => _points.Length == 0 ? null : _points[0].Line;

    internal SourceLine? AtState(int state) => _yields.TryGetValue(state, out int offset) ? AtOffset(offset) : null;

    /// <summary>The line of the statement that the code at an offset belongs to.</summary>
    internal SourceLine? AtOffset(int offset)
    {
        SourceLine? line = null;
        foreach ((int start, SourceLine startLine) in _points)
        {
            if (start > offset)
                break;

            line = startLine;
        }

        return line;
    }

    private static List<int> YieldsOf(MetadataReader symbols, MethodDefinitionHandle method)
    {
        var yields = new List<int>();
        foreach (CustomDebugInformationHandle handle in symbols.GetCustomDebugInformation(method))
        {
            CustomDebugInformation information = symbols.GetCustomDebugInformation(handle);
            if (symbols.GetGuid(information.Kind) != s_stepping)
                continue;

            BlobReader blob = symbols.GetBlobReader(information.Value);
            blob.ReadUInt32(); // The catch handler's offset.
            while (blob.RemainingBytes > 0)
            {
                yields.Add((int)blob.ReadUInt32());
                blob.ReadUInt32(); // Where it resumes.
                blob.ReadCompressedInteger(); // In which method.
            }
        }

        return yields;
    }

    /// <summary>
    /// The state that the code just before a yield has stored: ldarg.0, ldc.i4, dup, stloc.0, stfld. Counting the
    /// yields instead would go wrong, as an await that cannot be reached has a state and no yield.
    /// </summary>
    private static int? StateBefore(byte[] code, int yield)
    {
        const int Store = 7; // dup, stloc.0, and stfld with its token.
        int end = yield - Store;
        if (end < 2 || yield > code.Length || code[end] != 0x25 || code[end + 1] != 0x0A || code[end + 2] != 0x7D)
            return null;

        // The operand of a longer form may look like a shorter one; ldarg.0 in front of it does not.
        if (code[end - 2] == 0x02 && code[end - 1] is >= 0x16 and <= 0x1E)
            return code[end - 1] - 0x16;

        if (end >= 3 && code[end - 3] == 0x02 && code[end - 2] == 0x1F)
            return (sbyte)code[end - 1];

        return end >= 6 && code[end - 6] == 0x02 && code[end - 5] == 0x20
            ? BinaryPrimitives.ReadInt32LittleEndian(code.AsSpan(end - 4))
            : null;
    }
}
