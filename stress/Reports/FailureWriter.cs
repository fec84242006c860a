using System.Globalization;
using Kmaplab.Scheduler.Detection;
using Kmaplab.Scheduler.Exploration.Searches;
using Kmaplab.Scheduler.Kernel;
using Kmaplab.Scheduler.Schedules;
using Kmaplab.Stress.Reports.Documents.Findings;
using Kmaplab.Stress.Reports.Printing;
using Kmaplab.Stress.Reports.Texts;

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

    /// <summary>
    /// The failure as a few lines: its smallest form if there is one, and last how to run that again.
    /// </summary>
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
        WriteMessage(text, failure);
        if (failure.Minimal is { } minimal)
        {
            text.WriteLine($"  found: {MinimizationText.Size(failure.Form!.Report.Given)}, in {Where(failure)}");
            MinimizationText.WriteForm(text, failure.Form);
            WriteRate(text, failure);
            MinimizationText.WriteHowToRun(
                text, new SavedSchedule(minimal.Schedule, minimal.NotSaved), failure.Page, minimal.Token, modules);
            return;
        }

        text.WriteLine($"  {Counted.Of(failure.Steps, "step")}, {Counted.Of(failure.Preemptions, "preemption")}");
        if (failure.NotMinimized is { } reason)
            text.WriteLine($"  no smallest form: {reason}");

        WriteRate(text, failure);
        MinimizationText.WriteHowToRun(
            text, new SavedSchedule(failure.Schedule, failure.NotSaved), failure.Page, failure.Token, modules);
    }

    // The smallest form may fail of something else of the same class, or of the same with other names in it.
    private static void WriteMessage(TextWriter text, FailureReport failure)
    {
        string[] found = failure.Message.Split('\n');
        string[] minimal = failure.Form?.Report.Smallest.Finding.Message.Split('\n') ?? found;
        if (found[0] != minimal[0])
            text.WriteLine($"  {found[0]}; in its smallest form:");

        foreach (string line in minimal)
            text.WriteLine($"  {line}");
    }

    private static void WriteRate(TextWriter text, FailureReport failure)
    {
        if (failure.Rate is not { } rate)
            return;

        string of = failure.RateOf is { } other ? $"with --strategy {other}" : "of this strategy";
        string share = $"  rate: {rate.Failures} of {Counted.Of(rate.Executions, "further execution")} {of}";
        if (!rate.IsIndependent)
        {
            text.WriteLine($"{share} show it (they learn from each other, so this has no interval)");
            return;
        }

        string again = rate.ToReproduce is { } enough
            ? $"; to see it again with {FailureRate.ReproducesWith * 100:f0} %: {Counted.Of(enough, "execution")}"
            : "";
        text.WriteLine(
            $"{share} show it, {Percent(rate.AtLeast)} to {Percent(rate.AtMost)} % with "
            + $"{FailureRate.Confidence * 100:f0} % confidence{again}");
    }

    private static string Percent(double share) => (share * 100).ToString("G3", CultureInfo.InvariantCulture);

    private static string Where(FailureReport failure) => failure.Schedule is { } path
        ? Printable.Of(path)
        : $"no file ({Printable.Of(failure.NotSaved!)})";
}
