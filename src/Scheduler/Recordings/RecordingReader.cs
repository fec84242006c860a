using System.Text;
using Kmaplab.Scheduler.Detection;
using Kmaplab.Scheduler.Schedules;
using Kmaplab.Scheduler.Simulation.Operations;
using Kmaplab.Scheduler.Threads.Orders;
using Kmaplab.Scheduler.Threads.Tasks;

namespace Kmaplab.Scheduler.Recordings;

/// <summary>Reads runs one after the other, and keeps none.</summary>
public sealed class RecordingReader
{
    private readonly BlockSource _blocks;
    private readonly string _source;

    internal RecordingReader(BlockSource blocks, Schedule experiment, string source)
    {
        _blocks = blocks;
        _source = source;
        Experiment = experiment;
    }

    /// <summary>What was booted; a schedule without transitions.</summary>
    public Schedule Experiment { get; }

    /// <summary>Nothing comes any more, and that was not said: the end is missing.</summary>
    public bool IsCutOff { get; private set; }

    /// <summary>Reads the next run, or the beginning of one if the file ends in it; null if there is none.</summary>
    /// <exception cref="ScheduleFormatException">It was edited.</exception>
    public Recording? Next()
    {
        if (Take() is not { } first)
            return null;

        if (first[0] == (byte)BlockTag.Over)
        {
            return _blocks.IsAtEnd()
                ? null
                : throw new ScheduleFormatException($"{_source} was edited: something stands behind its end");
        }

        var run = new RunReader(_source);
        run.Read(first);
        while (!run.IsOver && Take() is { } block)
            run.Read(block);

        return run.ToRecording(Experiment);
    }

    private byte[]? Take()
    {
        byte[]? block = IsCutOff ? null : _blocks.Take();
        IsCutOff |= block is null;
        return block is { Length: 0 }
            ? throw new ScheduleFormatException($"{_source} was edited: a block in it is empty")
            : block;
    }

    /// <summary>Puts a run together from its blocks.</summary>
    private sealed class RunReader(string source)
    {
        private readonly List<string> _objects = [];
        private readonly List<RecordedStep> _steps = [];
        private readonly List<FinalWords> _words = [];
        private int _stepsOfAll = -1;
        private int _finder = -1;
        private FailureClass? _verdict;
        private string _message = "";

        internal bool IsOver { get; private set; }

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
            var run = new ThreadRecording
            {
                Steps = _steps,
                Objects = _objects,
                Finder = _finder,
                Words = _words,
            };
            if (IsOver && run.StepCount != _stepsOfAll)
                throw NotWritten();

            Schedule known = experiment with { Verdict = _verdict, Message = _message };
            return new Recording(known, run) { IsCutOff = !IsOver, StepsOfAll = Math.Max(_stepsOfAll, 0) };
        }

        private void ReadBlock(BinaryReader block, BlockTag tag)
        {
            bool isFirst = _stepsOfAll < 0;
            if (isFirst != (tag == BlockTag.Names))
                throw NotWritten();

            switch (tag)
            {
                case BlockTag.Names:
                    _stepsOfAll = block.Read7BitEncodedInt();
                    for (int left = block.Read7BitEncodedInt(); left > 0; left--)
                        _objects.Add(block.ReadString());

                    break;
                case BlockTag.Steps:
                    for (int left = block.Read7BitEncodedInt(); left > 0; left--)
                        _steps.Add(ReadStep(block));

                    break;
                case BlockTag.End:
                    ReadEnd(block);
                    break;
                default:
                    throw NotWritten();
            }
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
            for (int left = block.Read7BitEncodedInt(); left > 0; left--)
                _words.Add(ReadWords(block));

            IsOver = true;
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
                && (step.Kind != OperationKind.None || _steps.Count > 0)
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
