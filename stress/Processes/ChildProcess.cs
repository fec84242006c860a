using System.ComponentModel;
using System.Diagnostics;
using System.Text;
using System.Threading;

namespace Kmaplab.Stress.Processes;

/// <summary>Runs another program to its end.</summary>
internal static class ChildProcess
{
    /// <summary>What it has said, and with which code it has ended; null if there is no such program.</summary>
    /// <param name="program">Its name, or where it is.</param>
    /// <param name="arguments">What it is given.</param>
    /// <param name="folder">Where it runs.</param>
    /// <param name="timeMax">After which it is ended; null for as long as it takes.</param>
    /// <param name="cancellation">Ends it.</param>
    /// <exception cref="OperationCanceledException">It was ended before.</exception>
    /// <exception cref="TimeoutException">It has taken too long, and was ended.</exception>
    internal static (int Code, string Output, string Errors)? Run(
        string program,
        IEnumerable<string> arguments,
        string folder,
        TimeSpan? timeMax,
        CancellationToken cancellation)
    {
        var start = new ProcessStartInfo(program, arguments)
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = folder,
            StandardOutputEncoding = Encoding.UTF8,
        };
        using Process? process = StartOrNull(start);
        if (process is null)
            return null;

        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        using CancellationTokenRegistration end = limit.Token.Register(() => process.Kill(entireProcessTree: true));
        limit.CancelAfter(timeMax ?? Timeout.InfiniteTimeSpan);
        Task<string> errors = process.StandardError.ReadToEndAsync(CancellationToken.None);
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        cancellation.ThrowIfCancellationRequested();
        if (limit.IsCancellationRequested)
            throw new TimeoutException($"{program} takes more than {timeMax!.Value.TotalSeconds} s");

        return (process.ExitCode, output, errors.Result);
    }

    private static Process? StartOrNull(ProcessStartInfo start)
    {
        try
        {
            return Process.Start(start);
        }
        catch (Win32Exception)
        {
            return null;
        }
    }
}
