using System.Threading;
using Kmaplab.Scheduler.Threads.Orders;
using Kmaplab.Scheduler.Threads.Tasks;

namespace Kmaplab.Scheduler.Threads;

/// <content>What the latest run was, for whoever wants to run it again elsewhere.</content>
public sealed unsafe partial class ThreadMachine
{
    private int _begun; // Tasks that stand in front of their first primitive, or have come further.

    /// <summary>More was done in the latest run than is kept.</summary>
    public bool IsRecordingFull => Recorder is { IsFull: true };

    /// <summary>The latest run, in an order in which one machine can do the same.</summary>
    /// <param name="run">How it has ended; all of its threads have come back.</param>
    /// <exception cref="RecordingException">Nothing, or not all of it, was recorded.</exception>
    public ThreadRecording TakeRecording(ThreadRun run) => TakeEpoch(run).Order();

    /// <summary>The latest run, which the next one does not touch.</summary>
    /// <param name="run">How it has ended; all of its threads have come back.</param>
    /// <exception cref="RecordingException">Nothing, or not all of it, was recorded.</exception>
    public ThreadEpoch TakeEpoch(ThreadRun run)
    {
        ArgumentNullException.ThrowIfNull(run);
        if (Recorder is not { } recorder)
            throw new RecordingException("nothing was recorded");

        // Who ends when there is no room is cut off there; who goes on has done more than is known.
        if (recorder.IsFull && !Options.EndsWhenFull)
            throw new RecordingException(
                $"the run was longer than the {Options.RecordedMax >> 20} million operations that are kept");

        bool hasEnded = _tasks.TrueForAll(task => task.Wait.Kind == WaitKind.Ended);
        bool isWhole = !recorder.IsFull
            && (run.Finding is null ? run.IsComplete : recorder.Finder < 0 && hasEnded && !_isStopping);
        RecordedEntry[][] entries = [.. _tasks.Select(task => recorder.EntriesOf(task.Number))];
        return new ThreadEpoch(entries, Memory.Used, NameOfWord)
        {
            Finding = run.Finding,
            IsWhole = isWhole,
            Finder = recorder.Finder,
            Words = isWhole ? [.. FinalWords()] : [],
        };
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

    // What code does in front of its first primitive the simulated machine does while it boots, task by task, before
    // anybody goes on. What is recorded is done in the same order.
    private void AwaitTurn(ThreadTask task)
    {
        if (Recorder is null)
            task.Record.HasBegun = true;
        else
            AwaitBegun(task.Number);
    }

    /// <summary>The running task stands in front of its first primitive.</summary>
    private void HasBegun(ThreadTask task)
    {
        PassTurn(task);
        AwaitBegun(_tasks.Count);
    }

    private void PassTurn(ThreadTask task)
    {
        task.Record.HasBegun = true;
        Interlocked.Increment(ref _begun);
    }

    private void AwaitBegun(int tasks)
    {
        var spin = new SpinWait();
        while (Volatile.Read(ref _begun) < tasks)
        {
            LeaveIfStopping();
            spin.SpinOnce(sleep1Threshold: -1);
        }
    }
}
