using System.ComponentModel;
using System.Diagnostics;

namespace Kmaplab.Stress.Tests.Campaigns.Coordination;

/// <summary>A Redis server of its own, on a free port and in a folder of its own; without one the test is skipped.
/// </summary>
internal sealed class RedisServer : IDisposable
{
    private const string Program = "redis-server";

    private readonly string _folder = Directory.CreateTempSubdirectory("kmaplab-redis-").FullName;
    private readonly Process _process;

    internal RedisServer()
    {
        Port = ClusterTests.FreePlace().Port;
        _process = new Process
        {
            StartInfo = new ProcessStartInfo(
                Program,
                ["--port", $"{Port}", "--bind", "127.0.0.1", "--dir", _folder, "--save", "", "--appendonly", "yes"])
            {
                RedirectStandardOutput = true,
            },
        };
        try
        {
            _process.Start();
        }
        catch (Win32Exception)
        {
            _process.Dispose();
            Directory.Delete(_folder);
            Assert.Skip("redis-server is not installed");
        }

        while (_process.StandardOutput.ReadLine() is { } line)
        {
            if (line.Contains("Ready to accept", StringComparison.Ordinal))
                break;
        }

        _ = _process.StandardOutput.ReadToEndAsync(); // A full pipe would stop it.
    }

    internal int Port { get; }

    internal string Address => $"redis://127.0.0.1:{Port}/";

    /// <summary>What somebody else does there.</summary>
    internal string Command(params string[] words)
    {
        using Process client = Process.Start(
            new ProcessStartInfo("redis-cli", ["-p", $"{Port}", .. words]) { RedirectStandardOutput = true })!;
        string answer = client.StandardOutput.ReadToEnd();
        client.WaitForExit();
        return answer.TrimEnd('\n');
    }

    internal void Kill()
    {
        _process.Kill();
        _process.WaitForExit();
    }

    public void Dispose()
    {
        Kill();
        _process.Dispose();
        Directory.Delete(_folder, recursive: true);
    }
}
