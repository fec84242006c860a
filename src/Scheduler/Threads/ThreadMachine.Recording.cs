using System.Threading;
using Kmaplab.Scheduler.Detection;
using Kmaplab.Scheduler.Kernel;
using Kmaplab.Scheduler.Simulation.Memory;
using Kmaplab.Scheduler.Threads.Orders;
using Kmaplab.Scheduler.Threads.Tasks;

namespace Kmaplab.Scheduler.Threads;

/// <content>What the latest run was, for whoever wants to run it again elsewhere.</content>
public sealed unsafe partial class ThreadMachine
{
    private ArenaCopy? _start; // What the tasks have begun with; null if that is what was booted.
    private volatile bool _isRunEnding;
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
        return TakeEpoch(recorder, run.Finding, isWhole ? CopyArena() : null);
    }

    private ThreadEpoch TakeEpoch(ThreadRecorder recorder, Finding? finding, ArenaCopy? end) =>
        new(recorder.HandOver(), Memory.Used, NameOfWord, recorder.Room)
        {
            Finding = finding,
            IsWhole = end is not null,
            Finder = recorder.Finder,
            Start = _start,
            End = end,
        };

    private ArenaCopy CopyArena() => new(Memory.Copy(), Paging.Real?.Contents() ?? [], NamedWordsOf);

    // The words that the simulated machine has under the same names.
    private IEnumerable<NamedWords> NamedWordsOf(int[] words, int[] contents)
    {
        foreach ((string name, int start, int length) in _regions)
        {
            if (!_tasks.Exists(task => task.StateWord == start))
                yield return new NamedWords(name, words[start..(start + length)]);
        }

        yield return new NamedWords("page_table", Paging.EntriesIn(words));
        yield return new NamedWords("memory", Paging.Real is null ? Paging.ContentsIn(words) : contents);
    }

    /// <summary>No task shall begin another round that it need not begin.</summary>
    private void EndRun()
    {
        _isRunEnding = true; // First: who turns a page clears the other one, and looks at this one after that.
        IsEnding = true;
    }

    // All tasks have ended, and nobody runs. What they have left, and nothing else, they find when they begin again, as
    // the simulated machine does that begins with it.
    private bool TryTurn(Func<ThreadEpoch, bool> keep)
    {
        try
        {
            bool mayGoOn = !_isStopping
                && !_isRunEnding
                && _finding is null
                && Recorder is { IsFrozen: false }
                && FindAtEnd() is null // Else the run has ended here, and is found to be wrong.
                && Sleepers.AreAllAwake;
            if (!mayGoOn)
                return false;

            ArenaCopy? end = Recorder!.IsFull ? null : CopyArena();
            if (end is not null && !keep(TakeEpoch(Recorder, null, end)))
                return false;

            BeginAgain(end);
            return true;
        }
        catch (Exception exception)
        {
            Interlocked.CompareExchange(ref _crash, exception, null);
            return false;
        }
    }

    private void BeginAgain(ArenaCopy? start)
    {
        _start = start ?? CopyArena();
        Recorder!.Reset();
        _begun = 0;
        foreach (ThreadTask task in _tasks)
        {
            Words[task.StateWord] = (int)TaskState.Running;
            task.BeginAgain();
        }

        IsEnding = false;
        if (_isRunEnding)
            IsEnding = true;
    }

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
