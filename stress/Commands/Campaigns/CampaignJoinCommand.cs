using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using System.Text.Json.Serialization;
using Kmaplab.Scheduler.Detection;
using Kmaplab.Scheduler.Kernel;
using Kmaplab.Stress.Campaigns.Coordination;
using Kmaplab.Stress.Campaigns.Pieces;
using Kmaplab.Stress.CommandLine;

namespace Kmaplab.Stress.Commands.Campaigns;

/// <summary>Performs pieces of a campaign that is served elsewhere.</summary>
internal sealed class CampaignJoinCommand()
    : LabCommand("join", "Perform pieces of a campaign that is served elsewhere, until there are no more")
{
    private const double WaitUsual = 60;

    private readonly Argument<string> _place = new("HOST:PORT[,HOST:PORT]")
    {
        Description = "Where kmaplab campaign serve listens; with a coordinator that stands by, both",
    };
    private readonly Option<double> _wait = NumberOption.Create(
        "--wait", "Seconds that the coordinator may be away before this gives up", 0, 86_400, WaitUsual);
    private readonly CampaignSecurity _security = new();

    protected override void AddOptions(Command command)
    {
        command.Arguments.Add(_place);
        command.Options.Add(_wait);
        _security.AddTo(command);
    }

    internal override int Run(Session session, ParseResult arguments)
    {
        (string Host, int Port)[] places = [.. arguments.GetValue(_place)!.Split(',').Select(Place)];
        using var coordinator = new RemoteCoordinator(
            places,
            _security.Read(arguments, needsKey: false),
            TimeSpan.FromSeconds(arguments.GetValue(_wait)),
            session.Terminal.Error.WriteLine,
            session.Cancellation);

        // What a piece names is looked up in this program; nothing else comes over the line.
        var work = new PieceWork(session.Catalogue, session.Strategies);
        string name = $"{Environment.MachineName}:{Environment.ProcessId}";
        var threads = new WorkerThreads(coordinator, name, work.Perform);
        var watch = Stopwatch.StartNew();
        int code = Work(session, threads);
        session.Text.WriteLine(
            $"{name}: {Counted.Of(threads.Finished, "piece")} in {watch.Elapsed.TotalSeconds:f1} s");
        session.WriteJson(
            new JoinReport(name, threads.Finished, watch.Elapsed.TotalSeconds), JoinJson.Default.JoinReport);
        return code;
    }

    private static int Work(Session session, WorkerThreads threads)
    {
        try
        {
            threads.Run(session.Jobs, session.Cancellation);
            return session.Cancellation.IsCancellationRequested ? ExitCode.NoAnswer : ExitCode.Clean;
        }
        catch (CoordinatorLostException exception)
        {
            session.Terminal.Error.WriteLine($"kmaplab: {exception.Message}");
            return ExitCode.NoAnswer;
        }
    }

    private static (string Host, int Port) Place(string text)
    {
        int colon = text.LastIndexOf(':');
        return colon > 0
            && int.TryParse(text.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out int port)
            && port is >= 1 and <= 65_535
            ? (text[..colon].Trim('[', ']'), port)
            : throw new UsageException($"a coordinator is named HOST:PORT, as serve prints it, not '{text}'");
    }
}

/// <summary>kmaplab campaign join --json.</summary>
internal sealed record JoinReport(string Worker, int Pieces, double Seconds);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(JoinReport))]
internal sealed partial class JoinJson : JsonSerializerContext;
