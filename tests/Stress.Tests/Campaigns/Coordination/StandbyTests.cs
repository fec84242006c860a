using System.Diagnostics;
using Kmaplab.Stress.CommandLine;

namespace Kmaplab.Stress.Tests.Campaigns.Coordination;

/// <summary>A coordinator that stands by goes on where a dead one has stopped, and the report is that of one machine.
/// </summary>
public sealed class StandbyTests : CampaignTest
{
    private static readonly TimeSpan s_patience = TimeSpan.FromMinutes(3);

    private const string Plenty = """
        {
          "format": "kmaplab plan 1",
          "name": "plenty",
          "explore": [
            { "targets": ["churn"], "strategies": ["random"], "seeds": 1, "executions": 81920, "shards": 40 },
            { "targets": ["no-wakeup"], "strategies": ["random"], "seeds": 7, "executions": 2000, "shards": 4 }
          ]
        }
        """;

    private const string Few = """
        { "format": "kmaplab plan 1", "name": "few", "find": [ { "races": ["no-wakeup"], "strategies": ["pos"],
          "seeds": 2, "executions": 500 } ] }
        """;

    [Fact]
    public void A_standby_follows_a_coordinator_that_was_killed_and_tells_what_one_machine_tells()
    {
        using var redis = new RedisServer();
        string plan = Plan(Plenty);
        string alone = Path.Combine(Folder, "alone");
        string followed = Path.Combine(Folder, "followed");
        Assert.Equal(ExitCode.Failure, Run("campaign", "run", plan, "--out", alone));

        int port = ClusterTests.FreePlace().Port;
        int otherPort = ClusterTests.FreePlace().Port;
        using var first = new LabProcess(Serve(port, Path.Combine(Folder, "first")));
        Await(first, () => first.Said.Contains("listening", StringComparison.Ordinal));
        using var second = new LabProcess(Serve(otherPort, followed));
        using var worker = new LabProcess(
            "campaign", "join", $"127.0.0.1:{otherPort},127.0.0.1:{port}", "--jobs", "1", "--wait", "100");
        Await(second, () => second.Said.Contains(": standing by", StringComparison.Ordinal));
        string[] keys = redis.Command("KEYS", "kmaplab:*:state").Split('\n');
        Await(first, () => int.Parse(redis.Command("HLEN", Assert.Single(keys)), null) > 3);
        first.Kill();

        Assert.True(second.WaitForExit(s_patience), second.Said);
        Assert.True(second.ExitCode == ExitCode.Failure, second.Said);
        Assert.Contains("taking over", second.Said, StringComparison.Ordinal);
        Assert.Contains("of 44 pieces were done before", second.Said, StringComparison.Ordinal);
        Assert.True(worker.WaitForExit(s_patience), worker.Said);
        Assert.True(worker.ExitCode == ExitCode.Clean, worker.Said);
        Assert.Equal(ReportIn(alone), ReportIn(followed));

        string[] Serve(int place, string folder) =>
        [
            "campaign", "serve", plan, "--port", $"{place}", "--state", redis.Address, "--out", folder, "--only-serve",
            "--lease", "3",
        ];
    }

    [Fact]
    public void A_server_that_dies_ends_serve_in_one_line_with_exit_code_3()
    {
        using var redis = new RedisServer();
        using var serve = new LabProcess(
            "campaign", "serve", Plan(Plenty), "--port", $"{ClusterTests.FreePlace().Port}", "--state", redis.Address,
            "--out", Folder, "--only-serve");
        Await(serve, () => serve.Said.Contains("listening", StringComparison.Ordinal));
        redis.Kill();

        Assert.True(serve.WaitForExit(s_patience), serve.Said);
        Assert.Equal(ExitCode.NoAnswer, serve.ExitCode);
        Assert.Contains(
            $"kmaplab: {redis.Address}0: it cannot be reached; what it says until now is whole: the same call goes on",
            Assert.Single(serve.Said.Trim().Split('\n'), line => line.StartsWith("kmaplab:", StringComparison.Ordinal)),
            StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("rediss://")]
    [InlineData("redis://")]
    [InlineData("redis:localhost")]
    [InlineData("redis://localhost/first")]
    [InlineData("redis://localhost/1/2")]
    [InlineData("redis://localhost/?db=1")]
    public void What_is_no_address_of_a_server_is_refused(string address) => AssertRefused(
        "--state takes redis://HOST:PORT/DATABASE, or rediss:// for TLS, with USER:PASSWORD@ before HOST where the server "
        + "wants them, not what was given",
        "campaign", "run", Plan(Plenty), "--state", address);

    [Fact]
    public void Under_TLS_the_state_is_with_a_server_that_is_trusted_and_with_no_other()
    {
        using var redis = new RedisServer(isEncrypted: true);
        string[] run = ["campaign", "run", Plan(Few), "--state", redis.Address, "--out", Folder];
        string trust = $"export SSL_CERT_FILE='{redis.Certificate}'";

        using (LabProcess trusting = LabProcess.After(trust, run))
            AssertEnds(trusting, ExitCode.Clean, "few: all as expected; 1 of 1 piece");

        using (LabProcess again = LabProcess.After(trust, run))
            AssertEnds(again, ExitCode.Clean, "few: 1 of 1 piece were done before");

        using (var distrusting = new LabProcess(run))
            AssertEnds(distrusting, ExitCode.Usage, $"kmaplab: --state {redis.Address}0: its certificate is signed by nobody");

        string elsewhere = redis.Address.Replace("127.0.0.1", "localhost", StringComparison.Ordinal);
        using LabProcess misled = LabProcess.After(trust, [.. run[..^3], elsewhere, .. run[^2..]]);
        AssertEnds(misled, ExitCode.Usage, "its certificate is not that of localhost");
    }

    private static void AssertEnds(LabProcess process, int code, string words)
    {
        Assert.True(process.WaitForExit(s_patience), process.Said);
        Assert.True(process.ExitCode == code, process.Said);
        Assert.Contains(words, process.Said, StringComparison.Ordinal);
    }

    // Nothing tells when another process has got so far.
    private static void Await(LabProcess process, Func<bool> isSo)
    {
        var watch = Stopwatch.StartNew();
        while (!isSo())
        {
            Assert.False(process.WaitForExit(TimeSpan.FromSeconds(0.1)), process.Said);
            Assert.True(watch.Elapsed < s_patience, process.Said);
        }
    }
}
