using Kmaplab.Scheduler.Detection;
using Kmaplab.Scheduler.Kernel;
using Kmaplab.Scheduler.Schedules;

namespace Kmaplab.Stress.Reports;

/// <summary>Keeps a failed execution as a schedule file, and tells people about it.</summary>
internal static class FailureWriter
{
    /// <summary>Saves the schedule into <paramref name="folder"/> and describes the failure.</summary>
    internal static FailureReport Save(
        string folder, string target, Schedule schedule, Finding finding, int preemptions)
    {
        var saved = SavedSchedule.Save(
            folder,
            $"{target}-{finding.Class.Name()}-{schedule.Seed}-{schedule.Execution}",
            schedule);
        return new FailureReport(
            finding.Class.Name(), finding.Message, schedule.Execution, schedule.Transitions.Length, preemptions,
            saved.Path, saved.Problem, Product.Tokens.Format(schedule));
    }

    /// <summary>The failure as a few lines, the last of which says how to run it again.</summary>
    /// <param name="text">Where they go.</param>
    /// <param name="target">What failed.</param>
    /// <param name="failure">How.</param>
    /// <param name="modules">The options without which its scenario or variant is not there, each after a
    /// blank.</param>
    internal static void Write(TextWriter text, string target, FailureReport failure, string modules)
    {
        text.WriteLine(failure.Execution == 0
            ? $"{target}: {failure.Class}, and a {(failure.IsShortest ? "shortest way" : "way")} to it"
            : $"{target}: {failure.Class} after {Counted.Of(failure.Execution, "execution")}");
        foreach (string line in failure.Message.Split('\n'))
            text.WriteLine($"  {line}");

        text.WriteLine($"  {Counted.Of(failure.Steps, "step")}, {Counted.Of(failure.Preemptions, "preemption")}");
        string where = failure.Schedule is { } path
            ? Printable.Of(path)
            : $"could not be saved: {Printable.Of(failure.NotSaved!)}";
        text.WriteLine($"  schedule: {where}");
        text.WriteLine($"  token: {failure.Token}");
        text.WriteLine(
            $"To run it again: kmaplab replay {Printable.Argument(failure.Schedule ?? failure.Token)} --trace{modules}"
        );
    }
}
