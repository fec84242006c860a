using System.Text;
using Kmaplab.Scheduler.Detection;
using Kmaplab.Scheduler.Recordings.Entries;
using Kmaplab.Scheduler.Schedules;
using Kmaplab.Scheduler.Simulation.Memory;
using Kmaplab.Scheduler.Threads.Orders;
using Kmaplab.Scheduler.Threads.Tasks;

namespace Kmaplab.Scheduler.Recordings;

/// <summary>Puts a run together from its blocks, and its steps in order.</summary>
/// <param name="source">What errors call it.</param>
/// <param name="left">The memory that the run before has left; null if nobody knows.</param>
internal sealed class RunReader(string source, IReadOnlyList<NamedWords>? left)
{
    private readonly List<string> _objects = [""]; // By number; 0 is none.
    private EntryReader[] _tasks = [];
    private IReadOnlyList<NamedWords>? _start;
    private IReadOnlyList<NamedWords> _words = [];
    private long _stepsOfAll = -1;
    private int _finder = -1;
    private FailureClass? _verdict;
    private string _message = "";

    /// <summary>All of it is there.</summary>
    internal bool IsOver { get; private set; }

    /// <summary>All of its tasks have ended.</summary>
    internal bool IsWhole { get; private set; }

    internal void Read(byte[] bytes)
    {
        try
        {
            using var block = new BinaryReader(new MemoryStream(bytes), Encoding.UTF8);
            ReadBlock(block, (BlockTag)block.ReadByte());
        }
        catch (Exception exception) when (exception is EndOfStreamException or FormatException or IOException)
        {
            throw NotWritten();
        }
    }

    internal Recording ToRecording(Schedule experiment)
    {
        ThreadRecording run = Order() with { Start = _start ?? [], Words = _words };
        if (IsOver && _finder < 0 && IsWhole && run.StepCount != _stepsOfAll)
            throw NotWritten();

        Schedule known = experiment with { Verdict = _verdict, Message = _message };
        return new Recording(known, run) { IsCutOff = !IsOver, StepsOfAll = (int)Math.Max(_stepsOfAll, 0) };
    }

    private ThreadRecording Order()
    {
        TaskEntries[] entries = [.. _tasks.Select(task => new TaskEntries(task.Entries))];
        try
        {
            return new ThreadEpoch(entries, _objects.Count, number => _objects[number])
            {
                IsWhole = IsWhole,
                Finder = _finder,
            }.Order();
        }
        catch (RecordingException exception)
        {
            throw new ScheduleFormatException($"{source} makes no sense: {exception.Message}");
        }
    }

    private void ReadBlock(BinaryReader block, BlockTag tag)
    {
        bool isFirst = _stepsOfAll < 0;
        if (isFirst != (tag == BlockTag.Begin))
            throw NotWritten();

        switch (tag)
        {
            case BlockTag.Begin:
                ReadBegin(block);
                break;
            case BlockTag.Steps:
                for (int names = block.Read7BitEncodedInt(); names > 0; names--)
                    _objects.Add(block.ReadString());

                foreach (EntryReader task in _tasks)
                    task.Read(block.Read7BitEncodedInt(), _objects.Count - 1, block);

                break;
            case BlockTag.End:
                ReadEnd(block);
                break;
            default:
                throw NotWritten();
        }
    }

    private void ReadBegin(BinaryReader block)
    {
        _stepsOfAll = block.Read7BitEncodedInt64();
        int tasks = block.Read7BitEncodedInt();
        if (_stepsOfAll < 0 || tasks is < 1 or > ThreadOptions.TasksMax)
            throw NotWritten();

        _tasks = [.. Enumerable.Range(0, tasks).Select(_ => new EntryReader())];
        _start = (RunStart)block.ReadByte() switch
        {
            RunStart.Booted => null,
            RunStart.AsLeft => left ?? throw NotWritten(),
            RunStart.Given => ReadWords(block),
            _ => throw NotWritten(),
        };
    }

    private void ReadEnd(BinaryReader block)
    {
        string verdict = block.ReadString();
        if (FailureClassNames.TryParse(verdict, out FailureClass failure))
            _verdict = failure;
        else if (verdict.Length > 0)
            throw NotWritten();

        _message = block.ReadString();
        _finder = block.Read7BitEncodedInt();
        if (_finder < -1 || _finder >= _tasks.Length)
            throw NotWritten();

        IsWhole = block.ReadBoolean();
        _words = ReadWords(block);
        IsOver = true;
    }

    private static List<NamedWords> ReadWords(BinaryReader block)
    {
        var regions = new List<NamedWords>();
        for (int count = block.Read7BitEncodedInt(); count > 0; count--)
        {
            string name = block.ReadString();
            var words = new List<int>();
            for (int length = block.Read7BitEncodedInt(); length > 0; length--)
                words.Add(block.Read7BitEncodedInt());

            regions.Add(new NamedWords(name, words));
        }

        return regions;
    }

    private ScheduleFormatException NotWritten() =>
        new($"{source} was not written by this program: its steps make no sense");
}
