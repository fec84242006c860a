using System.Net;
using System.Text.Json.Nodes;
using System.Threading;
using Kmaplab.Scheduler.Detection;
using Kmaplab.Stress.Campaigns.Coordination;

namespace Kmaplab.Stress.Tests.Campaigns.Coordination;

/// <summary>The page of a running campaign, for browsers on this machine.</summary>
public sealed class DashboardTests : IDisposable
{
    private static readonly CampaignProgress s_progress = new()
    {
        Seconds = 10,
        Pieces = 20,
        Finished = 4,
        SetAside = 0,
        Leased = 2,
        Failures = 0,
        Expired = 0,
        Here = 4,
        Executions = 4000,
        States = 0,
        Fingerprints = 2,
        Risk = null,
        Workers = [new WorkerProgress("<b>one</b>", 4, 2, 0.4, 400, 0, 1)],
    };

    private readonly int _port = ClusterTests.FreePlace().Port;
    private readonly HttpClient _client = new();
    private readonly CampaignDashboard _dashboard;

    public DashboardTests() => _dashboard = CampaignDashboard.Start(_port, () => s_progress);

    public void Dispose()
    {
        _client.Dispose();
        _dashboard.Dispose();
    }

    [Fact]
    public async Task It_has_a_page_that_may_run_its_own_script_only_and_what_that_asks_for()
    {
        HttpResponseMessage page = await Get("");
        JsonNode progress = JsonNode.Parse(await (await Get("progress")).Content.ReadAsStringAsync(Cancelled))!;

        Assert.Contains("<h1>Campaign</h1>", await page.Content.ReadAsStringAsync(Cancelled), StringComparison.Ordinal);
        string policy = Assert.Single(page.Headers.GetValues("Content-Security-Policy"));
        Assert.StartsWith("default-src 'none'; ", policy, StringComparison.Ordinal);
        Assert.DoesNotContain("unsafe", policy, StringComparison.Ordinal);
        Assert.Equal((4, 16), ((int)progress["finished"]!, (int)progress["left"]!));
        Assert.Equal("<b>one</b>", (string)progress["workers"]![0]!["name"]!);
    }

    [Theory]
    [InlineData("GET", "elsewhere", null)]
    [InlineData("POST", "progress", null)]
    [InlineData("GET", "progress", "campaign.example")]
    public async Task It_tells_nothing_else_and_nobody_who_asks_under_another_name(string method, string path, string? host)
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), Address(path));
        if (host is not null)
            request.Headers.Host = host;

        HttpResponseMessage response = await _client.SendAsync(request, Cancelled);
        Assert.InRange(response.StatusCode, HttpStatusCode.BadRequest, HttpStatusCode.NotFound);
    }

    [Fact]
    public void A_port_that_is_in_use_is_refused() => Assert.StartsWith(
        $"--dashboard {_port}: cannot listen there",
        Assert.Throws<UsageException>(() => CampaignDashboard.Start(_port, () => s_progress)).Message,
        StringComparison.Ordinal);

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    private string Address(string path) => CampaignDashboard.AddressOf(_port) + path;

    private Task<HttpResponseMessage> Get(string path) => _client.GetAsync(Address(path), Cancelled);
}
