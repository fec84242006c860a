using System.CommandLine;
using System.Net;
using System.Net.Sockets;
using Kmaplab.Cluster;
using Kmaplab.Scheduler.Detection;
using Kmaplab.Stress.Campaigns.Coordination;
using Kmaplab.Stress.Campaigns.Plans;
using Kmaplab.Stress.CommandLine;

namespace Kmaplab.Stress.Commands.Campaigns;

/// <summary>Hands out the pieces of a plan to workers on any machine.</summary>
internal sealed class CampaignServeCommand()
    : LabCommand("serve", "Hand out the pieces of a plan to whoever joins, and write one report of all")
{
    internal const int UsualPort = 11_400;
    private const double LeaseUsual = 30;

    private static readonly TimeSpan s_farewell = TimeSpan.FromSeconds(3);

    private readonly Argument<string> _plan = new("PLAN.json")
    {
        Description = "The plan; kmaplab campaign plan writes some",
    };
    private readonly Option<string> _address = new("--address")
    {
        Description = "Where to listen; another one than this machine's own needs --certificate and --secret-file",
        HelpName = "IP",
        DefaultValueFactory = _ => IPAddress.Loopback.ToString(),
    };
    private readonly Option<int> _port = NumberOption.Create("--port", "The port to listen on", 1, 65_535, UsualPort);
    private readonly Option<double> _lease = NumberOption.Create(
        "--lease", "Seconds after which a worker that is silent has lost its piece", 1, 86_400, LeaseUsual);
    private readonly Option<bool> _onlyServe = new("--only-serve")
    {
        Description = "Perform nothing here; without it --jobs threads of this process work as well",
    };
    private readonly Option<int?> _dashboard = NumberOption.CreateOptional<int>(
        "--dashboard", "Show on http://127.0.0.1:PORT/ how far it is", 1, 65_535);
    private readonly CampaignState _state = new();
    private readonly CampaignSecurity _security = new();

    protected override void AddOptions(Command command)
    {
        command.Arguments.Add(_plan);
        foreach (Option option in (Option[])[_address, _port, _lease, _onlyServe, _dashboard])
            command.Options.Add(option);

        _state.AddTo(command);
        _security.AddTo(command);
    }

    internal override int Run(Session session, ParseResult arguments)
    {
        IPEndPoint endpoint = Endpoint(arguments);
        ClusterIdentity identity = _security.Read(arguments, needsKey: true);
        if (!IPAddress.IsLoopback(endpoint.Address) && (identity.Certificate is null || identity.Secret.IsEmpty))
            throw new UsageException(
                $"--address {endpoint.Address} can be reached from other machines: give --certificate and "
                + "--secret-file, or listen on 127.0.0.1 and bring workers there through a tunnel");

        if (arguments.GetValue(_dashboard) == endpoint.Port)
            throw new UsageException($"--dashboard and --port are both {endpoint.Port}: give another one");

        var plan = CampaignPlan.Load(arguments.GetValue(_plan)!, session.Catalogue, session.Strategies);
        RequireFree(endpoint);
        session.PrepareOut();
        using var coordinator = new Coordinator(
            plan,
            CampaignSecurity.Build,
            CampaignState.Opener(session, _state.Place(session, arguments, plan)),
            TimeSpan.FromSeconds(arguments.GetValue(_lease)),
            TimeProvider.System);
        int jobs = arguments.GetValue(_onlyServe) ? 0 : session.Jobs;
        using CampaignDashboard? dashboard = arguments.GetValue(_dashboard) is { } port
            ? CampaignDashboard.Start(port, coordinator.Progress)
            : null;
        if (dashboard is not null)
            session.Text.WriteLine($"dashboard: {CampaignDashboard.AddressOf(arguments.GetValue(_dashboard)!.Value)}");

        return Serve(session, plan, coordinator, endpoint, identity, jobs).GetAwaiter().GetResult();
    }

    private static async Task<int> Serve(
        Session session,
        CampaignPlan plan,
        Coordinator coordinator,
        IPEndPoint endpoint,
        ClusterIdentity identity,
        int jobs)
    {
        await using CoordinatorHost host = await CoordinatorHost.Start(
            endpoint, identity, coordinator, reason => session.Terminal.Error.WriteLine($"refused {reason}"));
        session.Text.WriteLine($"{plan.Name}: listening on {endpoint}; kmaplab campaign join {endpoint}");
        session.Text.Flush();
        int code = new CampaignWork(session, plan).Run(coordinator, jobs);

        // Whoever still asks shall hear that all is done, and not find nobody.
        if (coordinator.Completion.IsCompletedSuccessfully)
            await coordinator.Farewell(s_farewell);

        return code;
    }

    private IPEndPoint Endpoint(ParseResult arguments)
    {
        string text = arguments.GetValue(_address)!;
        return IPAddress.TryParse(text, out IPAddress? address)
            ? new IPEndPoint(address, arguments.GetValue(_port))
            : throw new UsageException(
                $"--address takes an IP address of this machine, 0.0.0.0 for all of them, not '{text}'");
    }

    private static void RequireFree(IPEndPoint endpoint)
    {
        try
        {
            using var listener = new TcpListener(endpoint);
            listener.Start();
        }
        catch (SocketException exception)
        {
            throw new UsageException(
                exception.SocketErrorCode == SocketError.AddressAlreadyInUse
                    ? $"port {endpoint.Port} of {endpoint.Address} is in use: give another one with --port, or end "
                    + "what listens there"
                    : $"cannot listen on {endpoint}: {Finding.FirstLineOf(exception.Message)}");
        }
    }
}
