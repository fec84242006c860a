using System.ComponentModel;
using System.Diagnostics;
using System.Text;
using System.Threading;

namespace Kmaplab.Stress.Speeds;

/// <summary>Runs another program to its end.</summary>
internal static class ChildProcess
{
    /// <summary>What it has said, and with which code it has ended; null if there is no such program.</summary>
    /// <exception cref="OperationCanceledException">It was ended before.</exception>
    internal static (int Code, string Output, string Errors)? Run(
        string program, IEnumerable<string> arguments, string folder, CancellationToken cancellation)
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

        using CancellationTokenRegistration end = cancellation.Register(() => process.Kill(entireProcessTree: true));
        Task<string> errors = process.StandardError.ReadToEndAsync(CancellationToken.None);
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        cancellation.ThrowIfCancellationRequested();
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
