using System.Text;
using Kmaplab.Scheduler.Detection;
using Kmaplab.Scheduler.Threads.Orders;

namespace Kmaplab.Scheduler.Recordings;

/// <summary>Writes runs one after the other; each is whole in the stream when it has been added.</summary>
public sealed class RecordingWriter
{
    private readonly BlockSink _blocks;
    private readonly int _blockSteps;

    internal RecordingWriter(Stream stream, byte[] header, int blockSteps)
    {
        _blocks = new BlockSink(stream, header);
        _blockSteps = blockSteps;
    }

    /// <summary>Writes a run; its experiment is that of the whole file, but for what was found.</summary>
    public void Add(Recording recording)
    {
        ArgumentNullException.ThrowIfNull(recording);
        ThreadRecording run = recording.Run;
        Put(BlockTag.Names, block =>
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
            Put(BlockTag.Steps, block => WriteSteps(block, run, begin, end));
        }

        Put(BlockTag.End, block => WriteEnd(block, recording));
    }

    /// <summary>Writes that no run comes any more.</summary>
    public void Finish() => Put(BlockTag.Over, _ => { });

    private void Put(BlockTag tag, Action<BinaryWriter> write)
    {
        using var bytes = new MemoryStream();
        using (var block = new BinaryWriter(bytes, Encoding.UTF8, leaveOpen: true))
        {
            block.Write((byte)tag);
            write(block);
        }

        _blocks.Put(bytes.ToArray());
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

    private static void WriteEnd(BinaryWriter block, Recording recording)
    {
        block.Write(recording.Experiment.Verdict?.Name() ?? "");
        block.Write(recording.Experiment.Message);
        block.Write7BitEncodedInt(recording.Run.Finder);
        block.Write7BitEncodedInt(recording.Run.Words.Count);
        foreach (FinalWords region in recording.Run.Words)
        {
            block.Write(region.Name);
            block.Write7BitEncodedInt(region.Words.Count);
            foreach (int word in region.Words)
                block.Write7BitEncodedInt(word);
        }
    }
}
