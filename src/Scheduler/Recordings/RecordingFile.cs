using System.Text;
using Kmaplab.Scheduler.Schedules;
using Kmaplab.Scheduler.Threads.Orders;

namespace Kmaplab.Scheduler.Recordings;

/// <summary>
/// Recordings on disk: a line that says what it is, a schedule without transitions that says of what, and blocks, each
/// with a checksum of all that comes before it. They hold one run after the other, and the last one says that it is
/// the last.
/// </summary>
/// <remarks>
/// A file that was cut off anywhere behind the schedule is the beginning of a recording. A block that is whole and has
/// another checksum was edited, and nothing of such a file is believed from there on.
/// </remarks>
/// <param name="program">The name of the program, with which files begin.</param>
public sealed class RecordingFile(string program)
{
    internal const int Version = 3;
    internal const int BlockEntries = 1 << 15;

    private readonly int _blockEntries = BlockEntries;
    private readonly string _magic = $"{program} recording ";

    /// <summary>The same, with blocks of so many entries.</summary>
    internal RecordingFile(string program, int blockEntries)
        : this(program) => _blockEntries = blockEntries;

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

    /// <summary>Writes a few runs next to their place and then moves them there.</summary>
    /// <param name="path">Where to.</param>
    /// <param name="experiment">A schedule without transitions, which says what ran.</param>
    /// <param name="runs">What threads did, one run after the other.</param>
    public void Save(string path, Schedule experiment, IReadOnlyList<ThreadEpoch> runs)
    {
        ArgumentNullException.ThrowIfNull(runs);
        WholeFile.Write(path, file =>
        {
            RecordingWriter writer = WriteTo(file, experiment);
            foreach (ThreadEpoch run in runs)
                writer.Add(run);

            writer.Finish();
        });
    }

    /// <summary>Begins to write runs; <paramref name="experiment"/> says of what.</summary>
    /// <param name="stream">Where to; it is the caller's.</param>
    /// <param name="experiment">A schedule without transitions.</param>
    public RecordingWriter WriteTo(Stream stream, Schedule experiment)
    {
        ArgumentNullException.ThrowIfNull(stream);
        ArgumentNullException.ThrowIfNull(experiment);
        string text = new ScheduleText(program).Format(experiment with { Verdict = null, Message = "" });
        string header = $"{_magic}{Version}\n{text}";
        return new RecordingWriter(stream, Encoding.UTF8.GetBytes(header), _blockEntries);
    }

    /// <summary>Begins to read runs.</summary>
    /// <param name="stream">Where from; it is the caller's.</param>
    /// <param name="source">What errors call it.</param>
    /// <exception cref="ScheduleFormatException">It is no recording.</exception>
    public RecordingReader ReadFrom(Stream stream, string source)
    {
        ArgumentNullException.ThrowIfNull(stream);
        (string header, ulong checksum) = RecordingHeader.Read(stream, _magic, source);
        string[] lines = header.Split('\n', 2);
        if (lines[0] != $"{_magic}{Version}")
            throw new ScheduleFormatException(
                $"{source} is '{lines[0]}', and this {program} reads version {Version}: use another {program}");

        Schedule experiment = new ScheduleText(program).Parse(lines[1], source);
        return new RecordingReader(new BlockSource(stream, checksum, source), experiment, source);
    }
}
