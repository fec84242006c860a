using System.Buffers.Binary;
using System.IO.Compression;
using System.IO.Hashing;
using System.Text;
using Kmaplab.Scheduler.Schedules;
using Kmaplab.Scheduler.Simulation.Operations;
using Kmaplab.Scheduler.Threads;

namespace Kmaplab.Scheduler.Recordings;

/// <summary>
/// Recordings on disk: a line that says what it is, a schedule without transitions that says of what, and blocks of
/// steps, each with a checksum of all that comes before it.
/// </summary>
/// <remarks>
/// A file that was cut off anywhere behind the schedule is the beginning of a recording. A block that is whole and has
/// another checksum was edited, and nothing of such a file is believed.
/// </remarks>
/// <param name="program">The name of the program, with which files begin.</param>
public sealed class RecordingFile(string program)
{
    private const int Version = 2;
    private const int BytesMax = 1 << 30;
    private const int BlockBytesMax = 1 << 24;
    private const int BufferBytes = 1 << 14;
    private const int LengthBytes = sizeof(int);
    private const int ChecksumBytes = sizeof(ulong);
    private const byte Names = (byte)'n';
    private const byte Steps = (byte)'s';
    private const byte End = (byte)'e';

    private readonly int _blockSteps = 4096;
    private readonly string _magic = $"{program} recording ";
    private readonly ScheduleText _text = new(program);

    /// <summary>The same, with blocks of so many steps.</summary>
    internal RecordingFile(string program, int blockSteps)
        : this(program) => _blockSteps = blockSteps;

    /// <summary>Whether a file begins as recordings do.</summary>
    public bool IsOne(string path)
    {
        if (!FileKind.IsRegular(path))
            return false; // To look into a pipe would take from it.

        byte[] beginning = new byte[_magic.Length];
        using FileStream file = File.OpenRead(path);
        return file.ReadAtLeast(beginning, beginning.Length, throwOnEndOfStream: false) == beginning.Length
            && beginning.AsSpan().SequenceEqual(Encoding.ASCII.GetBytes(_magic));
    }

    /// <summary>Writes a recording next to its place and then moves it there.</summary>
    public void Save(string path, Recording recording)
    {
        ArgumentNullException.ThrowIfNull(recording);
        WholeFile.Write(path, file => Write(file, recording));
    }

    /// <summary>Reads a recording, or as much of it as there is.</summary>
    /// <exception cref="ScheduleFormatException">It is none, or was edited.</exception>
    public Recording Load(string path)
    {
        byte[] bytes = WholeFile.Read(path, BytesMax)
            ?? throw new ScheduleFormatException($"{path} is not a recording: it is larger than {BytesMax >> 20} MiB");
        return Parse(bytes, path);
    }

    /// <summary>The bytes of a recording.</summary>
    public byte[] Format(Recording recording)
    {
        ArgumentNullException.ThrowIfNull(recording);
        using var bytes = new MemoryStream();
        Write(bytes, recording);
        return bytes.ToArray();
    }

    /// <summary>Reads a recording; <paramref name="source"/> is what errors call it.</summary>
    /// <exception cref="ScheduleFormatException">It is none, or was edited.</exception>
    public Recording Parse(ReadOnlySpan<byte> bytes, string source)
    {
        (string header, int begin) = Header(bytes, source);
        string[] lines = header.Split('\n', 2);
        if (lines[0] != $"{_magic}{Version}")
            throw new ScheduleFormatException(
                $"{source} is '{lines[0]}', and this {program} reads version {Version}: use another {program}");

        Schedule experiment = _text.Parse(lines[1], source);
        var reader = new BlockReader(source);
        ulong checksum = XxHash64.HashToUInt64(bytes[..begin]);
        ReadOnlySpan<byte> rest = bytes[begin..];
        while (!reader.IsOver && TryTake(ref rest, ref checksum, source, out byte[] block))
            reader.Read(block);

        if (reader.IsOver && rest.Length > 0)
            throw new ScheduleFormatException($"{source} was edited: something stands behind its end");

        return reader.ToRecording(experiment);
    }

    private (string Header, int Length) Header(ReadOnlySpan<byte> bytes, string source)
    {
        if (!bytes.StartsWith(Encoding.ASCII.GetBytes(_magic)))
            throw new ScheduleFormatException($"{source} is not a recording: it does not begin with '{_magic.Trim()}'");

        int end = bytes.IndexOf("\nend "u8);
        int length = end < 0 ? -1 : bytes[(end + 1)..].IndexOf((byte)'\n') + 1;
        return length > 0
            ? (Encoding.UTF8.GetString(bytes[..(end + 1 + length)]), end + 1 + length)
            : throw new ScheduleFormatException(
                $"{source} is cut off before its first step, so there is nothing to replay");
    }

    private static bool TryTake(ref ReadOnlySpan<byte> rest, ref ulong checksum, string source, out byte[] block)
    {
        block = [];
        if (rest.Length < LengthBytes)
            return false;

        int length = BinaryPrimitives.ReadInt32LittleEndian(rest);
        if (length is < 0 or > BlockBytesMax)
            throw new ScheduleFormatException($"{source} is damaged or was edited: it has a block of {length} bytes");

        if (rest.Length < LengthBytes + length + ChecksumBytes)
            return false;

        ReadOnlySpan<byte> packed = rest.Slice(LengthBytes, length);
        checksum = XxHash64.HashToUInt64(packed, (long)checksum);
        if (checksum != BinaryPrimitives.ReadUInt64LittleEndian(rest[(LengthBytes + length)..]))
            throw new ScheduleFormatException($"{source} is damaged or was edited: a checksum in it is wrong");

        rest = rest[(LengthBytes + length + ChecksumBytes)..];
        block = Unpack(packed, source);
        return true;
    }

    private static byte[] Unpack(ReadOnlySpan<byte> packed, string source)
    {
        using var stream = new BrotliStream(new MemoryStream(packed.ToArray()), CompressionMode.Decompress);
        using var bytes = new MemoryStream();
        byte[] buffer = new byte[BufferBytes];
        try
        {
            while (stream.Read(buffer) is > 0 and var read && bytes.Length <= BlockBytesMax)
                bytes.Write(buffer, 0, read);

            return bytes.ToArray();
        }
        catch (InvalidOperationException)
        {
            throw new ScheduleFormatException($"{source} was edited: it has a block that cannot be unpacked");
        }
    }

    private void Write(Stream file, Recording recording)
    {
        byte[] header = Encoding.UTF8.GetBytes($"{_magic}{Version}\n{_text.Format(recording.Experiment)}");
        ulong checksum = XxHash64.HashToUInt64(header);
        file.Write(header);
        foreach (byte[] block in Blocks(recording.Run))
        {
            using var packed = new MemoryStream();
            using (var stream = new BrotliStream(packed, CompressionLevel.Fastest, leaveOpen: true))
                stream.Write(block);

            byte[] bytes = packed.ToArray();
            checksum = XxHash64.HashToUInt64(bytes, (long)checksum);
            byte[] frame = new byte[LengthBytes + bytes.Length + ChecksumBytes];
            BinaryPrimitives.WriteInt32LittleEndian(frame, bytes.Length);
            bytes.CopyTo(frame, LengthBytes);
            BinaryPrimitives.WriteUInt64LittleEndian(frame.AsSpan(LengthBytes + bytes.Length), checksum);
            file.Write(frame);
        }
    }

    private IEnumerable<byte[]> Blocks(ThreadRecording run)
    {
        yield return Block(Names, block =>
        {
            block.Write7BitEncodedInt(run.StepCount);
            block.Write7BitEncodedInt(run.Objects.Count);
            foreach (string name in run.Objects)
                block.Write(name);
        });
        for (int first = 0; first < run.Steps.Count; first += _blockSteps)
        {
            int begin = first;
            int end = Math.Min(begin + _blockSteps, run.Steps.Count);
            yield return Block(Steps, block => WriteSteps(block, run, begin, end));
        }

        yield return Block(End, block =>
        {
            block.Write7BitEncodedInt(run.Finder);
            block.Write7BitEncodedInt(run.Words.Count);
            foreach (FinalWords region in run.Words)
            {
                block.Write(region.Name);
                block.Write7BitEncodedInt(region.Words.Count);
                foreach (int word in region.Words)
                    block.Write7BitEncodedInt(word);
            }
        });
    }

    private static void WriteSteps(BinaryWriter block, ThreadRecording run, int first, int end)
    {
        block.Write7BitEncodedInt(end - first);
        for (int i = first; i < end; i++)
        {
            RecordedStep step = run.Steps[i];
            block.Write7BitEncodedInt(step.Task);
            block.Write((byte)step.Kind);
            block.Write7BitEncodedInt(step.Object + 1);
            block.Write7BitEncodedInt(step.Result);
        }
    }

    private static byte[] Block(byte tag, Action<BinaryWriter> write)
    {
        using var bytes = new MemoryStream();
        using (var block = new BinaryWriter(bytes, Encoding.UTF8, leaveOpen: true))
        {
            block.Write(tag);
            write(block);
        }

        return bytes.ToArray();
    }

    /// <summary>Puts a recording together from its blocks.</summary>
    private sealed class BlockReader(string source)
    {
        private readonly List<string> _objects = [];
        private readonly List<RecordedStep> _steps = [];
        private readonly List<FinalWords> _words = [];
        private int _stepsOfAll = -1;
        private int _finder = -1;

        internal bool IsOver { get; private set; }

        internal void Read(byte[] bytes)
        {
            try
            {
                using var block = new BinaryReader(new MemoryStream(bytes), Encoding.UTF8);
                ReadBlock(block, block.ReadByte());
            }
            catch (Exception exception) when (exception is EndOfStreamException or FormatException or IOException)
            {
                throw NotWritten();
            }
        }

        internal Recording ToRecording(Schedule experiment)
        {
            var run = new ThreadRecording
            {
                Steps = _steps,
                Objects = _objects,
                Finder = _finder,
                Words = _words,
            };
            if (IsOver && run.StepCount != _stepsOfAll)
                throw NotWritten();

            return new Recording(experiment, run) { IsCutOff = !IsOver, StepsOfAll = Math.Max(_stepsOfAll, 0) };
        }

        private void ReadBlock(BinaryReader block, byte tag)
        {
            bool isFirst = _stepsOfAll < 0;
            if (isFirst != (tag == Names))
                throw NotWritten();

            switch (tag)
            {
                case Names:
                    _stepsOfAll = block.Read7BitEncodedInt();
                    for (int left = block.Read7BitEncodedInt(); left > 0; left--)
                        _objects.Add(block.ReadString());

                    break;
                case Steps:
                    for (int left = block.Read7BitEncodedInt(); left > 0; left--)
                        _steps.Add(ReadStep(block));

                    break;
                case End:
                    _finder = block.Read7BitEncodedInt();
                    for (int left = block.Read7BitEncodedInt(); left > 0; left--)
                        _words.Add(ReadWords(block));

                    IsOver = true;
                    break;
                default:
                    throw NotWritten();
            }
        }

        private RecordedStep ReadStep(BinaryReader block)
        {
            var step = new RecordedStep(
                block.Read7BitEncodedInt(),
                (OperationKind)block.ReadByte(),
                block.Read7BitEncodedInt() - 1,
                block.Read7BitEncodedInt());
            bool isPossible = step.Task is >= 0 and < ThreadOptions.TasksMax
                && Enum.IsDefined(step.Kind)
                && step.Object >= -1
                && step.Object < _objects.Count;
            return isPossible ? step : throw NotWritten();
        }

        private static FinalWords ReadWords(BinaryReader block)
        {
            string name = block.ReadString();
            var words = new List<int>();
            for (int left = block.Read7BitEncodedInt(); left > 0; left--)
                words.Add(block.Read7BitEncodedInt());

            return new FinalWords(name, words);
        }

        private ScheduleFormatException NotWritten() =>
            new($"{source} was not written by this program: its steps make no sense");
    }
}
