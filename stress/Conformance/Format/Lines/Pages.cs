using Kmaplab.Stress.Conformance.Format.Json;

namespace Kmaplab.Stress.Conformance.Format.Lines;

/// <summary>Addresses of pages: a list by page in memory, an object of those that have one in a file.</summary>
internal static class Pages
{
    public static PageAddress[] WithAddress(ValueArray<uint> addresses)
    {
        var pages = new List<PageAddress>();
        for (int page = 0; page < addresses.Count; page++)
        {
            if (addresses[page] != 0)
                pages.Add(new(page, addresses[page]));
        }

        return [.. pages];
    }

    /// <summary>By page, its address; 0 stands for none, so no page can have it.</summary>
    public static ValueArray<uint> Addresses(string field, PageAddress[] pages, int count)
    {
        uint[] addresses = new uint[count];
        foreach ((int page, uint address) in pages)
        {
            Rule.InRange(field, page, 0, count);
            if (address == 0)
                throw Rule.Broken(field, "a record has the address 0");

            if (addresses[page] != 0)
                throw Rule.Broken(field, $"page {page} appears twice");

            addresses[page] = address;
        }

        return new(addresses);
    }
}
