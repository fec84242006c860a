using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using Kmaplab.Stress.CommandLine;

namespace Kmaplab.Stress.Tests.Campaigns.Coordination;

/// <summary>What serve, join and run with a state refuse, and what they say when nobody disturbs them.</summary>
public sealed class ServeCommandTests : CampaignTest
{
    private const string Tiny = """
        {
          "format": "kmaplab plan 1",
          "name": "tiny",
          "explore": [ { "targets": ["churn"], "strategies": ["random"], "seeds": [1, 2], "executions": 512 } ],
          "find": [ { "races": ["no-wakeup"], "strategies": ["random"], "seeds": 2, "executions": 200 } ]
        }
        """;

    [Fact]
    public void Serve_works_by_itself_and_says_what_run_says()
    {
        string plan = Plan(Tiny);
        string run = Path.Combine(Folder, "run");
        string served = Path.Combine(Folder, "served");
        int code = Run("campaign", "run", plan, "--out", run);
        int port = ClusterTests.FreePlace().Port;

        Assert.Equal(code, Run("campaign", "serve", plan, "--out", served, "--port", $"{port}"));
        Assert.Contains($"tiny: listening on 127.0.0.1:{port}", Out, StringComparison.Ordinal);
        Assert.Equal(ReportIn(run), ReportIn(served));
    }

    [Fact]
    public void Run_with_a_state_goes_on_from_it_and_says_the_same()
    {
        string plan = Plan(Tiny);
        string state = Path.Combine(Folder, "state");
        int code = Run("campaign", "run", plan, "--state", state);
        string first = ReportIn(Folder);
        string[] lines = File.ReadAllLines(state);
        Assert.Equal(4, lines.Length);

        File.WriteAllText(state, $"{lines[0]}\n{lines[2]}\n{lines[1][..20]}");
        Assert.Equal(code, Run("campaign", "run", plan, "--state", state));
        Assert.StartsWith("tiny: 1 of 3 pieces were done before", Out, StringComparison.Ordinal);
        Assert.Equal(first, ReportIn(Folder));
        Assert.Equal(lines.Order(StringComparer.Ordinal).Count(), File.ReadAllLines(state).Length);

        Assert.Equal(code, Run("campaign", "run", plan, "--state", state));
        Assert.StartsWith("tiny: 3 of 3 pieces were done before", Out, StringComparison.Ordinal);
        Assert.Equal(first, ReportIn(Folder));
    }

    [Fact]
    public void The_state_of_another_plan_is_refused()
    {
        string state = Path.Combine(Folder, "state");
        Run("campaign", "run", Plan(Tiny), "--state", state);

        Assert.Equal(
            ExitCode.Usage,
            Run("campaign", "run", Plan(Tiny.Replace("[1, 2]", "[1, 3]", StringComparison.Ordinal)), "--state", state));
        Assert.Contains("is of another plan (", Error, StringComparison.Ordinal);
    }

    [Fact]
    public void A_port_in_use_is_refused()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        int port = ((IPEndPoint)listener.LocalEndpoint).Port;

        AssertRefused(
            $"port {port} of 127.0.0.1 is in use: give another one with --port, or end what listens there",
            "campaign", "serve", Plan(Tiny), "--port", $"{port}");
    }

    [Theory]
    [InlineData("0.0.0.0")]
    [InlineData("192.0.2.1")]
    [InlineData("::")]
    public void An_address_that_others_reach_needs_a_certificate_and_a_secret(string address) => AssertRefused(
        $"--address {address} can be reached from other machines: give --certificate and --secret-file, or listen on "
        + "127.0.0.1 and bring workers there through a tunnel",
        "campaign", "serve", Plan(Tiny), "--address", address);

    [Fact]
    public void A_secret_alone_does_not_open_an_address()
    {
        string secret = FileOf("secret", "0123456789abcdef");

        AssertRefused(
            "--address 0.0.0.0 can be reached from other machines: give --certificate and --secret-file, or listen on "
            + "127.0.0.1 and bring workers there through a tunnel",
            "campaign", "serve", Plan(Tiny), "--address", "0.0.0.0", "--secret-file", secret);
    }

    [Fact]
    public void A_short_secret_is_refused()
    {
        string secret = FileOf("secret", "short\n");

        AssertRefused(
            $"--secret-file '{secret}' has 5 letters, and a secret has at least 16: openssl rand -hex 32 > {secret}",
            "campaign", "serve", Plan(Tiny), "--secret-file", secret);
    }

    [Fact]
    public void A_certificate_without_its_key_is_refused_by_serve()
    {
        using X509Certificate2 certificate = ClusterTests.NewCertificate();
        string pem = FileOf("cert.pem", certificate.ExportCertificatePem());

        Assert.Equal(ExitCode.Usage, Run("campaign", "serve", Plan(Tiny), "--certificate", pem));
        Assert.StartsWith(
            $"kmaplab: --certificate '{pem}' is no certificate in PEM with its key: ", Error, StringComparison.Ordinal);
        Assert.Single(Error.TrimEnd().Split('\n'));
    }

    [Theory]
    [InlineData("localhost")]
    [InlineData("localhost:")]
    [InlineData("localhost:70000")]
    [InlineData(":11400")]
    public void What_is_no_place_of_a_coordinator_is_refused(string place) => AssertRefused(
        $"a coordinator is named HOST:PORT, as serve prints it, not '{place}'", "campaign", "join", place);

    [Fact]
    public void A_coordinator_that_is_not_there_ends_join_with_exit_code_3()
    {
        IPEndPoint place = ClusterTests.FreePlace();

        Assert.Equal(ExitCode.NoAnswer, Run("campaign", "join", $"{place}", "--wait", "0", "--jobs", "1"));
        Assert.Contains($"kmaplab: the coordinator at {place} cannot be reached for 0 s", Error, StringComparison.Ordinal);
    }

    [Fact]
    public void A_state_does_not_go_with_a_part() => AssertRefused(
        "--state is for a whole campaign, and a part is small: leave one of them out",
        "campaign", "run", Plan(Tiny), "--shard", "1/2", "--report", Path.Combine(Folder, "r"), "--state", "s");

    /// <summary>Bytes that do not fit end the campaign in one line, and what is written is whole.</summary>
    [Fact]
    public void A_full_disk_ends_in_one_line_and_the_state_can_be_gone_on_with()
    {
        if (!OperatingSystem.IsLinux())
            Assert.Skip("A limit for files is set by a shell of Linux.");

        // Files of this process may have 30 or 60 KiB, as the shell counts, and the state needs more. The runtime's own
        // memory is a file for the limit, unless it is told to do without.
        const string Limit = "export DOTNET_EnableWriteXorExecute=0; trap '' XFSZ; ulimit -f 60";
        string plan = Plan(Tiny.Replace("[1, 2]", "{ \"from\": 1, \"to\": 8 }", StringComparison.Ordinal));
        string state = Path.Combine(Folder, "state");
        using var limited = LabProcess.After(
            Limit, "campaign", "run", plan, "--state", state, "--out", Folder, "--jobs", "1");

        Assert.True(limited.WaitForExit(TimeSpan.FromMinutes(2)), limited.Said);
        Assert.Equal(ExitCode.Usage, limited.ExitCode);
        Assert.Contains($"kmaplab: cannot read or write: {state}: ", limited.Said, StringComparison.Ordinal);
        Assert.Single(limited.Said.Trim().Split('\n'));
        Assert.EndsWith("\n", File.ReadAllText(state), StringComparison.Ordinal);
        Run("campaign", "run", plan, "--state", state);
        Assert.Contains("pieces were done before", Out, StringComparison.Ordinal);
    }

    private string FileOf(string name, string text)
    {
        string path = Path.Combine(Folder, name);
        File.WriteAllText(path, text);
        return path;
    }
}
