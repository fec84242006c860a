using System.Diagnostics;
using System.Text;

namespace Kmaplab.Stress.Tests.Campaigns.Coordination;

/// <summary>The program in a process of its own, which can be killed.</summary>
internal sealed class LabProcess : IDisposable
{
    private static readonly string s_program = Path.Combine(AppContext.BaseDirectory, "kmaplab.dll");

    private readonly Process _process;
    private readonly StringBuilder _said = new();

    internal LabProcess(params string[] args)
        : this(new ProcessStartInfo("dotnet", [s_program, .. args]))
    {
    }

    /// <summary>The same after a command of the shell, as one that sets a limit.</summary>
    internal static LabProcess After(string command, params string[] args) =>
        new(new ProcessStartInfo("sh", ["-c", $"{command}; exec dotnet \"$0\" \"$@\"", s_program, .. args]));

    private LabProcess(ProcessStartInfo start)
    {
        _process = new Process { StartInfo = start };
        start.RedirectStandardOutput = true;
        start.RedirectStandardError = true;
        _process.OutputDataReceived += (_, line) => Hear(line.Data);
        _process.ErrorDataReceived += (_, line) => Hear(line.Data);
        _process.Start();
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
    }

    internal bool HasExited => _process.HasExited;

    internal int ExitCode => _process.ExitCode;

    /// <summary>All that it has written.</summary>
    internal string Said
    {
        get
        {
            lock (_said)
                return _said.ToString();
        }
    }

    /// <summary>kill -9.</summary>
    internal void Kill()
    {
        _process.Kill();
        _process.WaitForExit();
    }

    /// <summary>Waits for its end; false if that does not come.</summary>
    internal bool WaitForExit(TimeSpan time)
    {
        if (!_process.WaitForExit(time))
            return false;

        _process.WaitForExit(); // For what it said last.
        return true;
    }

    public void Dispose()
    {
        if (!_process.HasExited)
            Kill();

        _process.Dispose();
    }

    private void Hear(string? line)
    {
        lock (_said)
            _said.AppendLine(line);
    }
}
