using System.Threading;

namespace Kmaplab.Scheduler.Threads;

/// <content>What the latest run was, for whoever wants to run it again elsewhere.</content>
public sealed unsafe partial class ThreadMachine
{
    /// <summary>More was done in the latest run than is kept.</summary>
    public bool IsRecordingFull => Recorder is { IsFull: true };

    /// <summary>The latest run; all of its threads have come back.</summary>
    /// <param name="run">How it has ended.</param>
    /// <exception cref="RecordingException">Nothing, or not all of it, was recorded.</exception>
    public ThreadRecording TakeRecording(ThreadRun run)
    {
        ArgumentNullException.ThrowIfNull(run);
        if (Recorder is not { } recorder)
            throw new RecordingException("nothing was recorded");

        if (recorder.IsFull)
            throw new RecordingException(
                $"the run was longer than the {Options.RecordedMax >> 20} million operations that are kept");

        RecordedEntry[][] entries = [.. _tasks.Select(task => recorder.EntriesOf(task.Number))];
        bool hasEnded = _tasks.TrueForAll(task => task.Wait.Kind == WaitKind.Ended);
        bool isWhole = run.Finding is null ? run.IsComplete : recorder.Finder < 0 && hasEnded && !_isStopping;
        var objects = new Dictionary<int, int>();
        var names = new List<string>();
        var steps = new List<RecordedStep>();
        foreach ((int task, RecordedEntry entry) in
            LinearOrder.Of(entries, Memory.Used, recorder.Finder, isWhole))
        {
            steps.Add(new RecordedStep(task, entry.Kind, ObjectOf(entry, objects, names), entry.Result));
        }

        return new ThreadRecording
        {
            Steps = steps,
            Objects = names,
            Finder = recorder.Finder,
            Words = isWhole ? [.. FinalWords()] : [],
        };
    }

    private int ObjectOf(RecordedEntry entry, Dictionary<int, int> objects, List<string> names)
    {
        if (entry.Version == 0)
            return -1;

        if (!objects.TryGetValue(entry.Address, out int number))
        {
            number = names.Count;
            objects.Add(entry.Address, number);
            names.Add(NameOfWord(entry.Address));
        }

        return number;
    }

    // The words that the simulated machine has under the same names.
    private IEnumerable<FinalWords> FinalWords()
    {
        foreach ((string name, int start, int length) in _regions)
        {
            if (!_tasks.Exists(task => task.StateWord == start))
                yield return new FinalWords(name, [.. Enumerable.Range(start, length).Select(WordAt)]);
        }

        yield return new FinalWords("page_table", Paging.Entries());
        if (Paging.Real is null)
            yield return new FinalWords("memory", Paging.Contents());
    }

    private int WordAt(int address) => Volatile.Read(ref Words[address]);
}
