using System.Diagnostics;
using System.Globalization;
using Kmaplab.Stress.CommandLine;

namespace Kmaplab.Stress.Tests.Campaigns.Coordination;

/// <summary>Whoever is killed, whenever: the report is that of one machine on which nothing happened.</summary>
public sealed class KillTests : CampaignTest
{
    private const int Workers = 2;
    private static readonly TimeSpan s_patience = TimeSpan.FromMinutes(3);

    // Of everything something, and enough that it does not end before it was disturbed.
    private const string Long = """
        {
          "format": "kmaplab plan 1",
          "name": "long",
          "explore": [
            { "targets": ["churn"], "strategies": ["random"], "seeds": 1, "executions": EXECUTIONS, "shards": SHARDS },
            { "targets": ["no-wakeup"], "strategies": ["random"], "seeds": 7, "executions": 2000, "shards": 4 }
          ],
          "verify": [ { "targets": ["nested"], "parameters": { "tasks": 2, "slots": 2, "depth": { "from": 1, "to": 2 } } } ],
          "find": [ { "races": ["no-wakeup"], "strategies": ["random", "pos"], "seeds": 2, "executions": 500 } ]
        }
        """;

    /// <summary>For a minute, or as long as KMAPLAB_KILL_SECONDS says; the moments come from a seed.</summary>
    [Fact]
    public void Killing_workers_and_the_coordinator_at_any_moment_changes_nothing_in_the_report()
    {
        double seconds = Environment.GetEnvironmentVariable("KMAPLAB_KILL_SECONDS") is { } text
            ? double.Parse(text, CultureInfo.InvariantCulture)
            : 60;
        int shards = (int)(seconds * 4);
        string plan = Plan(Long
            .Replace("EXECUTIONS", $"{shards * 2048}", StringComparison.Ordinal)
            .Replace("SHARDS", $"{shards}", StringComparison.Ordinal));
        string alone = Path.Combine(Folder, "alone");
        Assert.Equal(ExitCode.Failure, Run("campaign", "run", plan, "--out", alone));

        string state = Path.Combine(Folder, "state");
        string together = Path.Combine(Folder, "together");
        int port = ClusterTests.FreePlace().Port;
        string[] serve =
        [
            "campaign", "serve", plan, "--port", $"{port}", "--state", state, "--out", together, "--only-serve",
            "--lease", "3",
        ];
        string[] join = ["campaign", "join", $"127.0.0.1:{port}", "--jobs", "1", "--wait", "100"];
        var random = new Random(20_161_130);
        var coordinator = new LabProcess(serve);
        LabProcess[] workers = [.. Enumerable.Range(0, Workers).Select(_ => new LabProcess(join))];
        int coordinatorsKilled = 0;
        int workersKilled = 0;
        long written = 0;
        TimeSpan? begin = null;
        var watch = Stopwatch.StartNew();
        while (!coordinator.WaitForExit(TimeSpan.FromSeconds(0.7 + (1.5 * random.NextDouble()))))
        {
            Assert.True(watch.Elapsed < TimeSpan.FromSeconds(seconds) + s_patience, coordinator.Said);
            bool hasBegun = coordinator.Said.Contains("listening", StringComparison.Ordinal);
            if (hasBegun && begin is null)
                begin = watch.Elapsed;

            if (!hasBegun || (Since(begin) > seconds && coordinatorsKilled >= 3 && workersKilled >= 3))
                continue;

            // A coordinator that has written nothing has nothing to lose, and nothing to get wrong.
            if (random.Next(3) == 0 && new FileInfo(state).Length > written)
            {
                coordinator.Kill();
                coordinatorsKilled++;
                CutLastLine(state, random);
                written = new FileInfo(state).Length;
                coordinator.Dispose();
                coordinator = new LabProcess(serve);
            }
            else
            {
                int one = random.Next(Workers);
                workers[one].Dispose();
                workersKilled++;
                workers[one] = new LabProcess(join);
            }
        }

        double Since(TimeSpan? moment) => (watch.Elapsed - moment)?.TotalSeconds ?? 0;

        string said = coordinator.Said;
        Assert.True(coordinator.ExitCode == ExitCode.Failure, said);
        Assert.All(workers, worker => worker.WaitForExit(TimeSpan.FromSeconds(60)));
        foreach (LabProcess process in (LabProcess[])[coordinator, .. workers])
            process.Dispose();

        TestContext.Current.SendDiagnosticMessage(
            $"killed: {workersKilled} workers, {coordinatorsKilled} coordinators in {watch.Elapsed.TotalSeconds:f0} s");
        Assert.Equal(ReportIn(alone), ReportIn(together));
        Assert.Equal(SchedulesIn(alone), SchedulesIn(together));
        Assert.True(workersKilled >= 3, $"{workersKilled} workers were killed");
        Assert.True(coordinatorsKilled >= 3, $"{coordinatorsKilled} coordinators were killed");
    }

    // What a machine leaves that dies as well: a part of a line.
    private static void CutLastLine(string state, Random random)
    {
        if (!File.Exists(state))
            return;

        using FileStream file = File.Open(state, FileMode.Open);
        long length = file.Length;
        long line = 0;
        for (long at = 0; at < length - 1; at++)
        {
            if (file.ReadByte() == '\n')
                line = at + 1;
        }

        file.SetLength(random.NextInt64(line, length + 1));
    }

    private static string SchedulesIn(string folder) => string.Concat(
        Directory.GetFiles(Path.Combine(folder, "corpus"), "*.schedule")
            .Order(StringComparer.Ordinal)
            .Select(File.ReadAllText));
}
