namespace Kmaplab.Stress.Conformance.Format;

/// <summary>Cuts a stream into lines, holding one at a time.</summary>
internal sealed class LineReader(Stream stream, string file, uint? expectedSize) : IDisposable
{
    /// <summary>Keeps a file without line ends from being read into memory whole.</summary>
    private const int LongestLine = 64 << 20;

    private byte[] _buffer = new byte[64 << 10];
    private int _start;
    private int _end;
    private long _total;
    private bool _ended;

    /// <summary>The number of the line last read, from 1.</summary>
    public int Number { get; private set; }

    /// <summary>Reads the next line without its line end; it stays valid until the next call.</summary>
    public bool TryRead(out ReadOnlySpan<byte> line)
    {
        int searched = 0;
        while (true)
        {
            int length = _buffer.AsSpan(_start + searched, _end - _start - searched).IndexOf((byte)'\n');
            if (length >= 0)
                return Take(searched + length, 1, out line);

            searched = _end - _start;
            if (!Fill())
                return Take(searched, 0, out line);
        }
    }

    public void Dispose() => stream.Dispose();

    private bool Take(int length, int terminator, out ReadOnlySpan<byte> line)
    {
        line = _buffer.AsSpan(_start, length);
        _start += length + terminator;
        bool any = length + terminator > 0;
        Number += any ? 1 : 0;
        return any;
    }

    private bool Fill()
    {
        if (_ended)
            return false;

        if (_start > 0)
        {
            _buffer.AsSpan(_start, _end - _start).CopyTo(_buffer);
            _end -= _start;
            _start = 0;
        }

        if (_end == LongestLine)
            throw new TraceFormatException(file, Number + 1, $"line is longer than {LongestLine} bytes");

        if (_end == _buffer.Length)
            Array.Resize(ref _buffer, 2 * _buffer.Length);

        int read = ReadSome();
        _end += read;
        _total += read;
        _ended = read == 0;
        if (_ended && expectedSize is uint size && size != (uint)_total)
            throw new TraceFormatException(file, Number + 1, "gzip data is cut short, or something follows it");

        return !_ended;
    }

    private int ReadSome()
    {
        try
        {
            return stream.Read(_buffer, _end, _buffer.Length - _end);
        }
        catch (InvalidDataException inner)
        {
            throw new TraceFormatException(file, Number + 1, "gzip data is broken", inner);
        }
        catch (IOException inner)
        {
            throw new TraceFormatException(file, Number + 1, $"cannot be read: {inner.Message}", inner);
        }
    }
}
