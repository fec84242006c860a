using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Threading;
using Kmaplab.Scheduler.Simulation.Hardware;

namespace Kmaplab.Scheduler.Verification.Storage;

/// <summary>
/// For every state the one it was first reached from, and by which transition: shortest ways, if the search is breadth
/// first.
/// </summary>
/// <remarks>
/// Of several ways of the same length the one whose parent has the smallest hash is kept, and then the smallest
/// transition, so that the way does not depend on which thread was faster.
/// </remarks>
internal sealed class SearchTree(bool isShared) : IDisposable
{
    private readonly GrowingList<Link> _links = new();
    private readonly TransitionCodes _codes = new();
    private readonly GrowingList<byte> _highCodes = new(); // Upper halves of their numbers; empty if all are 0.
    private readonly GrowingList<ulong> _parentHashes = new();
    private readonly Lock[] _locks = [.. Enumerable.Range(0, 64).Select(_ => new Lock())];
    private readonly List<int> _levelStarts = [];
    private int _levelStart;
    private FileStream? _file;
    private int _onDisk; // The ways to states with smaller numbers are there.

    /// <summary>States numbered from here on belong to the level that is being found.</summary>
    internal int LevelStart => _levelStart;

    internal long Bytes => _links.Bytes + _highCodes.Bytes + _parentHashes.Bytes;

    /// <summary>Keep the way that was found first, for a search that does not go level by level.</summary>
    internal bool KeepsFirst { get; init; }

    /// <summary>States numbered from here on belong to the level that is being found.</summary>
    internal void BeginLevel(int levelStart)
    {
        _levelStart = levelStart;
        _levelStarts.Add(levelStart);
    }

    /// <summary>How many transitions a shortest way to a state has, for a search that goes level by level.</summary>
    internal int LevelOf(int state)
    {
        int before = _levelStarts.BinarySearch(state + 1);
        return before < 0 ? ~before : before;
    }

    internal void AddRoot(int state)
    {
        _links.EnsureCapacity(state);
        Set(state, -1, 0);
    }

    /// <summary>Records the way to a state that no other thread knows yet.</summary>
    internal void Add(int state, int parent, ulong parentHash, Transition transition)
    {
        _links.EnsureCapacity(state);
        Set(state, parent, (ushort)transition.Code);
        if (KeepsFirst)
            return;

        int index = state - _levelStart; // Only this level's parents can still be replaced.
        _parentHashes.EnsureCapacity(index);
        _parentHashes[index] = parentHash;
    }

    /// <summary>The number is nobody's yet.</summary>
    internal void Forget(int state) => _links[state] = default;

    /// <summary>Asks the processor to fetch what <see cref="Improve"/> will look at.</summary>
    internal void Prefetch(int state)
    {
        if (!KeepsFirst && state >= _levelStart)
            _parentHashes.Prefetch(state - _levelStart);
    }

    /// <summary>
    /// Records another way to a known state, if that was found in this level and the way is a smaller one.
    /// </summary>
    internal void Improve(int state, int parent, ulong parentHash, Transition transition)
    {
        if (KeepsFirst || state < _levelStart || parentHash > Volatile.Read(ref _parentHashes[state - _levelStart]))
            return;

        if (!isShared)
        {
            Replace(state, parent, parentHash, transition);
            return;
        }

        lock (_locks[state & 63])
            Replace(state, parent, parentHash, transition);
    }

    private void Replace(int state, int parent, ulong parentHash, Transition transition)
    {
        ref ulong smallest = ref _parentHashes[state - _levelStart];
        if (parentHash > smallest || (parentHash == smallest && transition.Code >= CodeOf(state, _links[state])))
            return;

        Set(state, parent, (ushort)transition.Code);
        smallest = parentHash;
    }

    private void Set(int state, int parent, ushort code)
    {
        int number = _codes.NumberOf(code);
        _links[state] = new Link(parent, (byte)number);
        if (number <= byte.MaxValue && state >= _highCodes.Capacity)
            return;

        _highCodes.EnsureCapacity(state);
        _highCodes[state] = (byte)(number >> 8);
    }

    private ushort CodeOf(int state, Link link) =>
        _codes[link.Code + (state < _highCodes.Capacity ? _highCodes[state] << 8 : 0)];

    /// <summary>
    /// A state of this level was known before: it gives up its number, and the way to it if that is a smaller one.
    /// </summary>
    internal void Merge(int state, int known)
    {
        Link link = _links[state];
        var last = new Transition(CodeOf(state, link));
        Improve(known, link.Parent, _parentHashes[state - _levelStart], last);
        Forget(state);
    }

    /// <summary>
    /// Moves to disk what belongs to levels whose states are expanded; false if there is no room for it.
    /// </summary>
    internal bool TryMoveToDisk(SpillDisk disk)
    {
        int end = _levelStarts.Count < 2 ? 0 : _levelStarts[^2];
        for (; _onDisk + GrowingList<Link>.BlockSize <= end; _onDisk += GrowingList<Link>.BlockSize)
        {
            _file ??= disk.Create();
            int block = _onDisk / GrowingList<Link>.BlockSize;
            ReadOnlySpan<byte> bytes = MemoryMarshal.AsBytes(_links.Block(block));
            if (!disk.TryWrite(_file, bytes, (long)_onDisk * Unsafe.SizeOf<Link>(), "ways to states"))
                return false;

            _links.Free(block);
        }

        return true;
    }

    private Link LinkOf(int state)
    {
        if (state >= _onDisk)
            return _links[state];

        Link link = default;
        Read(MemoryMarshal.AsBytes(new Span<Link>(ref link)), state);
        return link;
    }

    private void Read(Span<byte> target, int first)
    {
        long offset = (long)first * Unsafe.SizeOf<Link>();
        for (int read = 0; read < target.Length;)
        {
            int got = RandomAccess.Read(_file!.SafeFileHandle, target[read..], offset + read);
            if (got == 0)
                throw new IOException($"{_file.Name} has lost ways to states");

            read += got;
        }
    }

    public void Dispose() => _file?.Dispose();

    /// <summary>Whether a number is that of a state; with several threads some are not used.</summary>
    internal bool IsState(int state) => state < _links.Capacity && LinkOf(state).IsSet;

    /// <summary>The transitions from the start to a state.</summary>
    internal Transition[] WayTo(int state)
    {
        var way = new List<Transition>();
        for (Link link = LinkOf(state); link.Parent >= 0; link = LinkOf(state))
        {
            way.Add(new Transition(CodeOf(state, link)));
            state = link.Parent;
        }

        way.Reverse();
        return [.. way];
    }

    /// <summary>Writes the ways to all states, which have numbers below <paramref name="end"/>.</summary>
    internal void Save(BinaryWriter writer, int end)
    {
        byte[] block = new byte[GrowingList<Link>.BlockSize * Unsafe.SizeOf<Link>()];
        writer.Write(_onDisk);
        for (int first = 0; first < _onDisk; first += GrowingList<Link>.BlockSize)
        {
            Read(block, first);
            writer.Write(block);
        }

        _links.Save(writer, Math.Min(end, _links.Capacity), _onDisk);
        _codes.Save(writer);
        _highCodes.Save(writer, Math.Min(end, _highCodes.Capacity));
        _parentHashes.Save(writer, Math.Clamp(end - _levelStart, 0, _parentHashes.Capacity));
        writer.Write(_levelStarts.Count);
        foreach (int start in _levelStarts)
            writer.Write(start);
    }

    /// <summary>Reads what was written; yields how many states have a way.</summary>
    internal int Load(BinaryReader reader)
    {
        int onDisk = reader.ReadInt32();
        for (int first = 0; first < onDisk; first += GrowingList<Link>.BlockSize)
        {
            _links.EnsureCapacity(first);
            reader.ReadExactly(MemoryMarshal.AsBytes(_links.Block(first / GrowingList<Link>.BlockSize)));
        }

        int end = _links.Load(reader, onDisk);
        _codes.Load(reader);
        _highCodes.Load(reader);
        _parentHashes.Load(reader);
        for (int left = reader.ReadInt32(); left > 0; left--)
            BeginLevel(reader.ReadInt32());

        return Enumerable.Range(0, end).Count(IsState);
    }

    [StructLayout(LayoutKind.Sequential, Pack = 1)]
    private readonly record struct Link
    {
        private readonly int _parent; // + 2, as 0 is for nobody's number and 1 for the start.

        internal Link(int parent, byte code) => (_parent, Code) = (parent + 2, code);

        internal int Parent => _parent - 2;

        internal byte Code { get; } // The lower half of the code's number.

        internal bool IsSet => _parent != 0;
    }
}
