using System.Threading;

namespace Kmaplab.Scheduler.Verification.Storage;

/// <summary>
/// Keeps whole states, so that no hash collision can hide one: slow and large, for checking the other set.
/// </summary>
internal sealed class ExactVisitedSet : IVisitedSet
{
    private readonly Dictionary<byte[], int> _numbers = new(new ByContents());
    private readonly Dictionary<byte[], int>.AlternateLookup<ReadOnlySpan<byte>> _lookup;
    private readonly Lock _lock = new();
    private long _bytes;

    internal ExactVisitedSet() => _lookup = _numbers.GetAlternateLookup<ReadOnlySpan<byte>>();

    public long Bytes => Interlocked.Read(ref _bytes);

    public void Prefetch(UInt128 hash)
    {
    }

    public int Find(UInt128 hash, ReadOnlySpan<byte> state)
    {
        lock (_lock)
            return _lookup.TryGetValue(state, out int number) ? number : -1;
    }

    public int Insert(UInt128 hash, ReadOnlySpan<byte> state, int number)
    {
        lock (_lock)
        {
            if (_lookup.TryGetValue(state, out int present))
                return present;

            _numbers.Add(state.ToArray(), number);
            _bytes += state.Length + 64;
            return number;
        }
    }

    public void Pass(int worker)
    {
    }

    public void Leave(int worker)
    {
    }

    public void Dispose()
    {
    }

    private sealed class ByContents : IEqualityComparer<byte[]>, IAlternateEqualityComparer<ReadOnlySpan<byte>, byte[]>
    {
        public byte[] Create(ReadOnlySpan<byte> alternate) => alternate.ToArray();

        public bool Equals(byte[]? x, byte[]? y) => x.AsSpan().SequenceEqual(y);

        public bool Equals(ReadOnlySpan<byte> alternate, byte[] other) => alternate.SequenceEqual(other);

        public int GetHashCode(byte[] obj) => GetHashCode(obj.AsSpan());

        public int GetHashCode(ReadOnlySpan<byte> alternate) => (int)System.IO.Hashing.XxHash3.HashToUInt64(alternate);
    }
}
