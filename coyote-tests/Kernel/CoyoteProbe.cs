using Kmaplab.Scheduler.Detection;
using Kmaplab.Scheduler.Kernel;

namespace Kmaplab.CoyoteTests.Kernel;

/// <summary>Tells a lost wake-up from a deadlock, as the simulated machine does.</summary>
/// <remarks>
/// It wakes the sleepers by hand, one after the other, and lets each run alone. One that then finishes an operation had
/// missed its wake-up; if all go back to sleep they wait for something that is not there.
/// </remarks>
internal sealed class CoyoteProbe(CoyoteLayout parts, Action<FailureClass, string> report)
{
    private int _doneBefore;
    private string _situation = "";

    /// <summary>The sleeper that was woken by hand, and now runs alone; null if nobody was.</summary>
    public CoyoteTask? Task { get; private set; }

    /// <summary>The operations that were finished so far.</summary>
    public int OperationsDone { get; set; }

    public void Reset()
    {
        Task = null;
        OperationsDone = 0;
    }

    /// <summary>Nobody can go on: wakes the first sleeper by hand.</summary>
    public void Begin()
    {
        CoyoteTask[] stuck = [.. parts.Tasks.Where(task => !task.HasEnded)];
        string situations = string.Join("; ", stuck.Select(Situation));
        _situation = $"{stuck.Length} of {parts.Tasks.Count} tasks can never run again: {situations}";
        Wake(from: 0);
    }

    private void Wake(int from)
    {
        int next = parts.Tasks.FindIndex(from, task => task.IsAsleep);
        if (next < 0)
            report(FailureClass.Deadlock, _situation);

        Task = parts.Tasks[next];
        Task.TryToWakeUp();
        _doneBefore = OperationsDone;
    }

    /// <summary>The one that was woken stands again, or has ended.</summary>
    public void Continue(CoyoteTask probed)
    {
        if (OperationsDone > _doneBefore || probed.HasEnded)
            report(FailureClass.LostWakeup, $"{_situation}; woken by hand, {probed} gets what it waits for");

        if (!probed.IsReady)
            Wake(probed.Number + 1);
    }

    private string Situation(CoyoteTask task)
    {
        var reasons = parts.WaitExplanations.SelectMany(explain => explain(new TaskId(task.Number)));
        return string.Join(", ", reasons.Prepend(task.IsAsleep ? $"{task} is asleep" : Describe(task)));
    }

    /// <summary>A task and what it stands in front of.</summary>
    public static string Describe(CoyoteTask task) => $"{task} at {task.Pending}";
}
