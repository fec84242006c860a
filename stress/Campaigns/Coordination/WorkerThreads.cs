using System.Collections.Concurrent;
using System.Runtime.ExceptionServices;
using System.Threading;
using Kmaplab.Cluster;

namespace Kmaplab.Stress.Campaigns.Coordination;

/// <summary>Threads that perform pieces until there are no more, for a coordinator here or elsewhere.</summary>
/// <param name="coordinator">Who hands them out.</param>
/// <param name="name">What this process calls itself.</param>
/// <param name="perform">Performs a piece and yields its report.</param>
internal sealed class WorkerThreads(
    ICoordinator coordinator, string name, Func<string, CancellationToken, string> perform)
{
    private const int StackBytes = 4 << 20;
    private const int RenewMs = 250; // How often leases are looked at.

    private readonly ConcurrentDictionary<long, Held> _held = [];
    private ExceptionDispatchInfo? _failure;

    /// <summary>Pieces whose report was accepted.</summary>
    internal int Finished => _finished;

    private int _finished;

    /// <summary>Works until all is done, or until it shall stop; then pieces in work are given back.</summary>
    internal void Run(int jobs, CancellationToken cancellation)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        using var renewal = new Timer(_ => Renew(), null, RenewMs, RenewMs);
        Thread[] threads =
        [
            .. Enumerable.Range(0, jobs).Select(_ =>
                new Thread(() => Guard(stop), StackBytes) { IsBackground = true }),
        ];
        foreach (Thread thread in threads)
            thread.Start();

        foreach (Thread thread in threads)
            thread.Join();

        _failure?.Throw();
    }

    private void Guard(CancellationTokenSource stop)
    {
        try
        {
            Work(stop.Token);
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            // Whoever asked for it knows.
        }
        catch (Exception exception)
        {
            Interlocked.CompareExchange(ref _failure, ExceptionDispatchInfo.Capture(exception), null);
            stop.Cancel();
        }
    }

    private void Work(CancellationToken stop)
    {
        while (!stop.IsCancellationRequested)
        {
            Assignment assignment = coordinator.Take(name).GetAwaiter().GetResult();
            if (assignment.IsDone)
                return;

            if (assignment.Text is null)
                stop.WaitHandle.WaitOne(assignment.Milliseconds);
            else
                Perform(assignment, assignment.Text, stop);
        }
    }

    private void Perform(Assignment assignment, string text, CancellationToken stop)
    {
        var outcome = new Outcome { Worker = name, Piece = assignment.Piece, Lease = assignment.Lease };
        _held[assignment.Lease] = new Held(assignment.Milliseconds);
        try
        {
            outcome = outcome with { Report = perform(text, stop) };
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            // Neither a report nor an error: somebody else shall perform it.
        }
        catch (Exception exception)
        {
            outcome = outcome with { Error = $"{exception.GetType().Name}: {exception.Message}" };
        }

        _held.TryRemove(assignment.Lease, out _);
        if (coordinator.Report(outcome).GetAwaiter().GetResult() == Receipt.Accepted && outcome.Report is not null)
            Interlocked.Increment(ref _finished);
    }

    // After a third of its time, so that two renewals may be lost.
    private void Renew()
    {
        long now = Environment.TickCount64;
        long[] due =
            [.. _held.Where(held => now - held.Value.Renewed >= held.Value.Milliseconds / 3).Select(held => held.Key)];
        if (due.Length == 0)
            return;

        foreach (long lease in due)
        {
            if (_held.TryGetValue(lease, out Held? held))
                held.Renewed = now;
        }

        // Without an answer the lease runs out, and the report will be late.
        _ = coordinator.Renew(name, due).ContinueWith(renewal => renewal.Exception, TaskScheduler.Default);
    }

    private sealed class Held(int milliseconds)
    {
        internal int Milliseconds { get; } = milliseconds;

        internal long Renewed { get; set; } = Environment.TickCount64;
    }
}
