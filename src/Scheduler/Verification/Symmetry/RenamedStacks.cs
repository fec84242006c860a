using Kmaplab.Scheduler.Coroutines.Stacks;

namespace Kmaplab.Scheduler.Verification.Symmetry;

/// <summary>The stacks that others become when page frames get other names.</summary>
/// <remarks>
/// Most stacks name one page or none, so what becomes of them depends on that page's new name alone, and not on which
/// of the very many renamings gives it. One thread, one object.
/// </remarks>
internal sealed class RenamedStacks(FrameCache frames, int pages)
{
    private const int None = -1;
    private const int Several = -2;

    private readonly Dictionary<ulong, int> _ofSeveral = []; // By stack and renaming.
    private int[] _named = []; // For each stack the page that it names, None or Several; 0 if that is not known yet.
    private int[] _ofOne = []; // For each stack and new name of the page that it names, and 0 if not known yet.

    /// <summary>
    /// The number of a stack when pages are called <paramref name="names"/>, a renaming that has the number
    /// <paramref name="key"/>.
    /// </summary>
    internal int Of(int stack, ReadOnlySpan<int> names, int key)
    {
        if (stack == 0)
            return 0;

        return Named(stack) switch
        {
            None => stack,
            Several => OfSeveral(stack, names, key),
            var page => OfOne(stack, names, names[page - 1]),
        };
    }

    /// <summary>The only page that a stack names, and -1 if it names none; false if it names several.</summary>
    internal bool TryFindPage(int stack, out int page)
    {
        int named = stack == 0 ? None : Named(stack);
        page = named > 0 ? named - 1 : -1;
        return named != Several;
    }

    private int Named(int stack)
    {
        if (stack >= _named.Length)
            Array.Resize(ref _named, Math.Max(stack + 1, _named.Length * 2));

        if (_named[stack] == 0)
            _named[stack] = NamedBy(stack);

        return _named[stack];
    }

    private int OfOne(int stack, ReadOnlySpan<int> names, int name)
    {
        int index = (stack * pages) + name;
        if (index >= _ofOne.Length)
            Array.Resize(ref _ofOne, Math.Max((stack + 1) * pages, _ofOne.Length * 2));

        if (_ofOne[index] == 0)
            _ofOne[index] = frames.Renamed(stack, names);

        return _ofOne[index];
    }

    private int OfSeveral(int stack, ReadOnlySpan<int> names, int key)
    {
        // Two small numbers side by side make few hash codes; an odd factor keeps different keys different.
        ulong place = (((ulong)(uint)stack << 32) | (uint)key) * 0x9E37_79B9_7F4A_7C15;
        if (_ofSeveral.TryGetValue(place, out int renamed))
            return renamed;

        renamed = frames.Renamed(stack, names);
        _ofSeveral.Add(place, renamed);
        return renamed;
    }

    /// <summary>The page that a stack names, counted from 1; or that it names none, or several.</summary>
    private int NamedBy(int stack)
    {
        Span<int> names = pages <= 256 ? stackalloc int[pages] : new int[pages];
        for (int page = 0; page < pages; page++)
            names[page] = page;

        int named = None;
        for (int page = 0; page < pages; page++)
        {
            names[page] = (page + 1) % pages;
            if (names[page] != page && frames.IsChangedBy(stack, names))
                named = named == None ? page + 1 : Several;

            names[page] = page;
        }

        return named;
    }
}
