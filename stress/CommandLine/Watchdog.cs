using System.Diagnostics;
using Kmaplab.Scheduler.Simulation;

namespace Kmaplab.Stress.CommandLine;

/// <summary>
/// Finds code of a scenario that does not come back. Nobody can stop it, but somebody can say which it is.
/// </summary>
/// <remarks>
/// A process that is stopped, a machine that is busy and a collection of garbage also keep a step waiting. So what
/// counts is its share of the time in which this process computed, without collections; or a much longer one, for code
/// that waits for something.
/// </remarks>
internal sealed class Watchdog
{
    private static readonly TimeSpan s_computing = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan s_waiting = TimeSpan.FromSeconds(10);

    private Dictionary<RunningCall, Seen> _seen = [];

    /// <summary>What to watch; null until there is something.</summary>
    internal CallWatch? Calls { get; set; }

    /// <summary>A command keeps what it has done; whoever has interrupted it waits for that.</summary>
    internal bool IsKeeping { get; set; }

    /// <summary>
    /// Looks, as is done many times a second; yields whose code does not come back, null if nobody's.
    /// </summary>
    internal string? FindStuck()
    {
        if (Calls is null || Debugger.IsAttached)
            return null;

        TimeSpan collecting = GC.GetTotalPauseDuration();
        var now = new Seen(
            TimeSpan.FromMilliseconds(Environment.TickCount64) - collecting,
            Environment.CpuUsage.TotalTime - collecting,
            0);
        var seen = new Dictionary<RunningCall, Seen>();
        IReadOnlyList<RunningCall> running = Calls.Running();
        foreach (RunningCall call in running)
        {
            Seen first = _seen.GetValueOrDefault(call, now);
            seen[call] = first with { Looks = first.Looks + 1 };
            if (IsStuck(now.Time - first.Time, (now.Computed - first.Computed) / running.Count, first.Looks))
                return call.Code;
        }

        _seen = seen;
        return null;
    }

    /// <summary>
    /// Whether a call is over due that has taken so long, in which its thread may have computed so long, and which was
    /// seen so often.
    /// </summary>
    internal static bool IsStuck(TimeSpan time, TimeSpan computed, int looks) =>
        (time >= s_computing && computed >= s_computing * 0.75 && looks >= 5) || (time >= s_waiting && looks >= 50);

    private readonly record struct Seen(TimeSpan Time, TimeSpan Computed, int Looks);
}
