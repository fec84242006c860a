using System.Threading;

namespace Kmaplab.Stress.Campaigns.Coordination.States;

/// <summary>
/// Writes what comes from many threads in the order in which it came; what comes while something is being written goes
/// together with the next write. After a write that fails nothing is written any more.
/// </summary>
/// <param name="write">Writes; done when it cannot be lost any more.</param>
/// <param name="explain">What is told to whoever waits, and to all who come later, when that has failed.</param>
internal sealed class BatchWriter<T>(Func<IReadOnlyList<T>, Task> write, Func<Exception, Exception> explain)
{
    private readonly Lock _lock = new();
    private readonly TaskCompletionSource _failure = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private List<T> _pending = [];
    private TaskCompletionSource? _batch; // Told when what is pending is written.
    private Task _last = Task.CompletedTask; // Done when what was taken last is written.
    private Exception? _broken;
    private bool _isWriting;

    /// <summary>Fails when writing has; never done otherwise.</summary>
    internal Task Failure => _failure.Task;

    /// <summary>Adds something; done when it is written.</summary>
    internal Task Add(T item)
    {
        lock (_lock)
        {
            if (_broken is { } broken)
                return Task.FromException(broken);

            _pending.Add(item);
            _batch ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            Task written = _batch.Task;
            if (!_isWriting)
            {
                _isWriting = true;
                _ = Task.Run(WritePending);
            }

            return written;
        }
    }

    /// <summary>Done when all that was added is written.</summary>
    internal Task Flushed()
    {
        lock (_lock)
            return _broken is { } broken ? Task.FromException(broken) : _batch?.Task ?? _last;
    }

    /// <summary>Nothing can be written any more; yields what everybody is told, which is the first reason.</summary>
    internal Exception Break(Exception exception)
    {
        Exception broken = explain(exception);
        TaskCompletionSource? next;
        lock (_lock)
        {
            broken = _broken ??= broken;
            next = _batch;
            _batch = null;
            _isWriting = false;
        }

        next?.TrySetException(broken);
        _failure.TrySetException(broken);
        return broken;
    }

    private async Task WritePending()
    {
        while (true)
        {
            List<T> items;
            TaskCompletionSource batch;
            lock (_lock)
            {
                if (_batch is null || _broken is not null)
                {
                    _isWriting = false;
                    return;
                }

                items = _pending;
                batch = _batch;
                _last = batch.Task;
                _pending = [];
                _batch = null;
            }

            try
            {
                await write(items);
                batch.SetResult();
            }
            catch (Exception exception)
            {
                batch.SetException(Break(exception)); // Whatever it is: they wait for an answer.
                return;
            }
        }
    }
}
