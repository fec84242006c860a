namespace Kmaplab.Stress.Campaigns.Pieces;

/// <summary>How many executions are of each class, as a text: most of what a report says.</summary>
/// <remarks>
/// In Base64: for each count from low to high how many classes have it, and the codes of those from low to high, each
/// as the distance from the one before it. One text for each answer.
/// </remarks>
internal static class ClassCounts
{
    private const int BitsEach = 7;
    private const byte More = 1 << BitsEach;
    private const int BitsMax = 64;

    /// <summary>The text.</summary>
    internal static string Write(IReadOnlyDictionary<ulong, long> counts)
    {
        var bytes = new List<byte>();
        foreach (IGrouping<long, ulong> same in counts.GroupBy(each => each.Value, each => each.Key)
            .OrderBy(same => same.Key))
        {
            Add(bytes, (ulong)same.Key);
            Add(bytes, (ulong)same.Count());
            ulong last = 0;
            foreach (ulong code in same.Order())
            {
                Add(bytes, code - last);
                last = code;
            }
        }

        return Convert.ToBase64String([.. bytes]);
    }

    /// <summary>What such a text says; null if it is none.</summary>
    internal static Dictionary<ulong, long>? TryRead(string text)
    {
        byte[] bytes = new byte[text.Length];
        if (!Convert.TryFromBase64String(text, bytes, out int length))
            return null;

        var counts = new Dictionary<ulong, long>();
        ReadOnlySpan<byte> rest = bytes.AsSpan(0, length);
        ulong lastCount = 0;
        while (rest.Length > 0)
        {
            if (!TryRead(ref rest, out ulong count) || !TryRead(ref rest, out ulong classes)
                || count <= lastCount || count > long.MaxValue || classes == 0 || classes > (ulong)rest.Length)
                return null;

            ulong code = 0;
            for (ulong i = 0; i < classes; i++)
            {
                if (!TryRead(ref rest, out ulong distance) || (i > 0 && distance == 0)
                    || distance > ulong.MaxValue - code || !counts.TryAdd(code += distance, (long)count))
                    return null;
            }

            lastCount = count;
        }

        return counts;
    }

    private static void Add(List<byte> bytes, ulong number)
    {
        for (; number >= More; number >>= BitsEach)
            bytes.Add((byte)(number | More));

        bytes.Add((byte)number);
    }

    private static bool TryRead(ref ReadOnlySpan<byte> bytes, out ulong number)
    {
        number = 0;
        for (int i = 0; i < bytes.Length && i * BitsEach < BitsMax; i++)
        {
            ulong part = (ulong)(bytes[i] & ~More) << (i * BitsEach);
            if (part >> (i * BitsEach) != (ulong)(bytes[i] & ~More) || (bytes[i] == 0 && i > 0))
                return false; // Too large, or longer than it needs to be.

            number |= part;
            if (bytes[i] >= More)
                continue;

            bytes = bytes[(i + 1)..];
            return true;
        }

        return false;
    }
}
