using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Threading;
using Kmaplab.Scheduler.Kernel;
using Kmaplab.Stress.Reports.Printing;
using Spectre.Console;

namespace Kmaplab.Stress.Campaigns.Coordination;

/// <summary>Shows how far a campaign is while it runs: a table on a terminal, lines of JSON for programs.</summary>
internal sealed class CampaignWatch : IDisposable
{
    private const int TableMs = 500;
    private const int LineMs = 2000;

    private readonly Func<CampaignProgress> _progress;
    private readonly Terminal _terminal;
    private readonly ManualResetEventSlim _stop = new();
    private readonly Thread? _thread;

    /// <summary>Begins to show it, on stderr.</summary>
    internal CampaignWatch(Terminal terminal, bool isJson, Func<CampaignProgress> progress)
    {
        _terminal = terminal;
        _progress = progress;
        Action? show = terminal.IsInteractive && !isJson ? ShowTable : isJson ? ShowLines : null;
        if (show is null)
            return;

        _thread = new Thread(() => show()) { IsBackground = true };
        _thread.Start();
    }

    public void Dispose()
    {
        _stop.Set();
        _thread?.Join();
        _stop.Dispose();
    }

    private void ShowTable()
    {
        IAnsiConsole console = AnsiConsole.Create(new AnsiConsoleSettings
        {
            Out = new AnsiConsoleOutput(_terminal.Error),
            Ansi = AnsiSupport.Yes,
            ColorSystem = _terminal.HasColor ? ColorSystemSupport.Standard : ColorSystemSupport.NoColors,
            Interactive = InteractionSupport.Yes,
        });
        console.Live(TableOf(_progress())).AutoClear(true).Start(context =>
        {
            while (!_stop.Wait(TableMs))
                context.UpdateTarget(TableOf(_progress()));
        });
    }

    private void ShowLines()
    {
        while (!_stop.Wait(LineMs))
            _terminal.Error.WriteLine(LineOf(_progress()));
    }

    /// <summary>The same as a line of JSON.</summary>
    internal static string LineOf(CampaignProgress progress) =>
        JsonSerializer.Serialize(progress, ProgressJson.Default.CampaignProgress);

    internal static Table TableOf(CampaignProgress progress)
    {
        string left = progress.SecondsLeft is { } seconds ? $", about {Time(seconds)} left" : "";
        Table table = new Table()
            .Border(TableBorder.Rounded)
            .Title(Markup.Escape(
                $"{progress.Finished} of {progress.Pieces} pieces after {Time(progress.Seconds)}{left}"))
            .Caption(Markup.Escape(CaptionOf(progress)))
            .AddColumn("worker");
        foreach (string column in (string[])["pieces", "executions/s", "states/s", "in work", "heard of"])
            table.AddColumn(new TableColumn(column).RightAligned());

        foreach (WorkerProgress worker in progress.Workers)
        {
            table.AddRow(
                Markup.Escape(Printable.Line(worker.Name)),
                Text($"{worker.Finished}"),
                Text($"{worker.ExecutionsPerSecond:0}"),
                Text($"{worker.StatesPerSecond:0}"),
                Text($"{worker.Leased}"),
                Text($"{worker.SilentSeconds:0} s ago"));
        }

        return table;
    }

    private static string CaptionOf(CampaignProgress progress)
    {
        string risk = progress.Risk is { } bound
            ? Text($"\na failure that is still missed: at most 1 in {1 / bound.AtMost:0} executions ")
                + $"(the worst of {Counted.Of(bound.Targets, "target")} without one; 95 % sure)"
            : "";
        return $"{Counted.Of(progress.Left, "piece")} left, {progress.Leased} in work, {progress.SetAside} set aside; "
            + $"{Counted.Of(progress.Failures, "error")}, {progress.Expired} leases ran out\n"
            + $"{Counted.Of(progress.Executions, "execution")}, {Counted.Of(progress.States, "state")}, "
            + $"{Counted.Of(progress.Fingerprints, "kind")} of failure{risk}";
    }

    private static string Time(double seconds) =>
        seconds < 90 ? Text($"{seconds:0} s")
        : seconds < 5400 ? Text($"{seconds / 60:0} min")
        : Text($"{seconds / 3600:0.0} h");

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(CampaignProgress))]
internal sealed partial class ProgressJson : JsonSerializerContext;
