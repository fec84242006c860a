using System.Runtime.ExceptionServices;
using System.Threading;
using Kmaplab.Scheduler.Detection;

namespace Kmaplab.Stress.CommandLine;

/// <summary>
/// Runs a command on a thread of its own, so that it can be left whatever it does: wait for a pipe, or for a task that
/// never comes back.
/// </summary>
internal sealed class CommandThread
{
    private const int StackBytes = 4 << 20;
    private const int PeriodMs = 50;

    // What a command may take, once interrupted, to say what it has done until then.
    private static readonly TimeSpan s_grace = TimeSpan.FromSeconds(5);

    /// <summary>Sees whether the code of tasks comes back.</summary>
    internal Watchdog Watchdog { get; } = new();

    /// <summary>Runs it to its end, or to where it must be left.</summary>
    /// <exception cref="UsageException">Code of a scenario does not come back.</exception>
    /// <exception cref="OperationCanceledException">It was interrupted and does not stop.</exception>
    internal int Run(Func<int> command, CancellationToken cancellation)
    {
        int code = ExitCode.Internal;
        ExceptionDispatchInfo? thrown = null;
        using var isDone = new ManualResetEventSlim();
        var thread = new Thread(
            () =>
            {
                try
                {
                    code = command();
                }
                catch (Exception exception)
                {
                    thrown = ExceptionDispatchInfo.Capture(exception);
                }

                SetUnlessDisposed(isDone);
            },
            StackBytes)
        { IsBackground = true };
        thread.Start();
        long interrupted = 0;
        while (!isDone.Wait(PeriodMs, CancellationToken.None))
        {
            if (Watchdog.FindStuck() is { } stuck)
            {
                throw new UsageException(
                    $"{stuck} does not come back from its step: it loops or waits without awaiting an operation of "
                    + "the kernel, so no other task can run; await each turn of the loop");
            }

            if (cancellation.IsCancellationRequested && interrupted == 0)
                interrupted = Environment.TickCount64;

            if (interrupted != 0 && Watchdog.IsKeeping)
                interrupted = Environment.TickCount64;

            if (interrupted != 0 && Environment.TickCount64 - interrupted > s_grace.TotalMilliseconds)
                throw new OperationCanceledException(cancellation);
        }

        thrown?.Throw();
        return code;
    }

    private static void SetUnlessDisposed(ManualResetEventSlim isDone)
    {
        try
        {
            isDone.Set();
        }
        catch (ObjectDisposedException)
        {
            // Nobody has waited.
        }
    }
}
