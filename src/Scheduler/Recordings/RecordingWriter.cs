using System.Runtime.CompilerServices;
using System.Text;
using Kmaplab.Scheduler.Detection;
using Kmaplab.Scheduler.Recordings.Entries;
using Kmaplab.Scheduler.Simulation.Memory;
using Kmaplab.Scheduler.Simulation.Operations;
using Kmaplab.Scheduler.Threads.Orders;

namespace Kmaplab.Scheduler.Recordings;

/// <summary>Writes runs one after the other; each is whole in the stream when it has been added.</summary>
/// <remarks>
/// What tasks did is written as each of them has written it down; whoever reads puts it in order. A block has a part of
/// what each task did, so that the beginning of a file is the beginning of all of them.
/// </remarks>
public sealed class RecordingWriter
{
    private readonly BlockSink _blocks;
    private readonly int _blockEntries;
    private readonly ObjectNumbers _numbers = new();
    private readonly ByteSink _bytes = new();
    private ArenaCopy? _end; // Of the run before.

    internal RecordingWriter(Stream stream, byte[] header, int blockEntries)
    {
        _blocks = new BlockSink(stream, header);
        _blockEntries = blockEntries;
    }

    /// <summary>Writes a run; yields the number of its steps.</summary>
    public long Add(ThreadEpoch run)
    {
        ArgumentNullException.ThrowIfNull(run);
        long entries = run.Entries.Sum(task => task.Count);
        long steps = CountSteps(run);
        _numbers.Clear(run.AddressCount);
        Put(BlockTag.Begin, block => WriteBegin(block, run, steps));
        EntryWriter[] writers = [.. run.Entries.Select(_ => new EntryWriter())];
        long blocks = (entries + _blockEntries - 1) / _blockEntries;
        for (long number = 0; number < blocks; number++)
            PutPart(run, writers, number, blocks);

        Put(BlockTag.End, block => WriteEnd(block, run));
        _end = run.End;
        return steps;
    }

    /// <summary>Writes that no run comes any more.</summary>
    public void Finish() => Put(BlockTag.Over, _ => { });

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static long CountSteps(ThreadEpoch run)
    {
        long steps = 0;
        foreach (TaskEntries task in run.Entries)
        {
            for (long done = 0; done < task.Count;)
            {
                ReadOnlySpan<RecordedEntry> together = task.From(done, Most(task.Count - done));
                done += together.Length;
                foreach (RecordedEntry entry in together)
                    steps += entry.Kind == OperationKind.None ? 0 : 1;
            }
        }

        return steps;
    }

    private void WriteBegin(BinaryWriter block, ThreadEpoch run, long steps)
    {
        block.Write7BitEncodedInt64(steps);
        block.Write7BitEncodedInt(run.Entries.Count);
        RunStart start = run.Start is null ? RunStart.Booted : run.Start == _end ? RunStart.AsLeft : RunStart.Given;
        block.Write((byte)start);
        if (start == RunStart.Given)
            Write(block, run.Start!.Named);
    }

    private void PutPart(ThreadEpoch run, EntryWriter[] writers, long number, long blocks)
    {
        int known = _numbers.Addresses.Count;
        _bytes.Clear();
        for (int task = 0; task < writers.Length; task++)
        {
            TaskEntries entries = run.Entries[task];
            long begin = entries.Count * number / blocks;
            long end = entries.Count * (number + 1) / blocks;
            _bytes.AddNumber((uint)(end - begin));
            while (begin < end)
            {
                ReadOnlySpan<RecordedEntry> together = entries.From(begin, Most(end - begin));
                begin += together.Length;
                writers[task].Add(together, _numbers, _bytes);
            }

            writers[task].EndRun(_bytes);
        }

        Put(BlockTag.Steps, block =>
        {
            block.Write7BitEncodedInt(_numbers.Addresses.Count - known);
            foreach (int address in _numbers.Addresses.Skip(known))
                block.Write(run.NameOf(address));

            block.Write(_bytes.Written);
        });
    }

    private void Put(BlockTag tag, Action<BinaryWriter> write)
    {
        using var bytes = new MemoryStream();
        using (var block = new BinaryWriter(bytes, Encoding.UTF8, leaveOpen: true))
        {
            block.Write((byte)tag);
            write(block);
        }

        _blocks.Put(bytes.GetBuffer().AsSpan(0, (int)bytes.Length));
    }

    private static void WriteEnd(BinaryWriter block, ThreadEpoch run)
    {
        block.Write(run.Finding?.Class.Name() ?? "");
        block.Write(run.Finding?.FirstLine ?? "");
        block.Write7BitEncodedInt(run.Finder);
        block.Write(run.IsWhole);
        Write(block, run.Words);
    }

    private static void Write(BinaryWriter block, IReadOnlyList<NamedWords> words)
    {
        block.Write7BitEncodedInt(words.Count);
        foreach (NamedWords region in words)
        {
            block.Write(region.Name);
            block.Write7BitEncodedInt(region.Words.Count);
            foreach (int word in region.Words)
                block.Write7BitEncodedInt(word);
        }
    }

    private static int Most(long entries) => (int)Math.Min(entries, int.MaxValue);
}
