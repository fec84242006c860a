using Kmaplab.Scheduler.Detection;
using Kmaplab.Scheduler.Kernel;
using Kmaplab.Scheduler.Minimization;
using Kmaplab.Stress.Oracle.Sources;
using Kmaplab.Stress.Reports.Printing;

namespace Kmaplab.Stress.Reports.Texts;

/// <summary>How small a failure can be, in words.</summary>
internal static class MinimizationText
{
    /// <summary>"2 preemptions, 19 steps (proved)", and what that means where it is not proved.</summary>
    internal static string Size(MinimizationReport report)
    {
        string size = Size(report.Smallest);
        if (report.Loop > 0)
        {
            string last = report.Loop == 1 ? "last is" : $"last {report.Loop} are";
            return $"minimal so far: {size}, of which the {last} gone round for ever";
        }

        if (report.IsProved)
            return $"minimal: {size} (proved)";

        string bound = report.PreemptionsAtLeast > 0
            ? $"; fewer than {Counted.Of(report.PreemptionsAtLeast, "preemption")} do not suffice"
            : "";
        return $"minimal so far: {size}{bound}";
    }

    internal static void Write(TextWriter text, FailureClass failure, MinimalForm form)
    {
        text.WriteLine($"{ProgramSource.NameOf(form.Given)}: {failure.Name()}");
        foreach (string line in form.Report.Smallest.Finding.Message.Split('\n'))
            text.WriteLine($"  {line}");

        text.WriteLine($"  given: {Size(form.Report.Given)}");
        WriteForm(text, form);
    }

    /// <summary>How small it is, at which sizes if they are smaller than those given, and what in it matters.</summary>
    internal static void WriteForm(TextWriter text, MinimalForm form)
    {
        text.WriteLine($"  {Size(form.Report)}");
        if (form.IsSmaller)
        {
            text.WriteLine(
                $"  at smaller sizes: {SizeText.Of(form.Experiment)} (given: {SizeText.Of(form.Given)})");
        }

        if (form.Report.NoReturn is not { } sure)
            return; // It goes on for ever: no two steps make it, and there is no end that becomes sure.

        WritePair(text, form.Report);
        WriteNoReturn(text, sure);
    }

    /// <param name="text">Where it goes.</param>
    /// <param name="saved">The schedule's file.</param>
    /// <param name="page">The page that tells it; null if it was not wanted.</param>
    /// <param name="token">The same as one word.</param>
    /// <param name="modules">The options without which its scenario is not there, each after a blank.</param>
    internal static void WriteHowToRun(
        TextWriter text, SavedSchedule saved, SavedSchedule? page, string token, string modules)
    {
        string where = saved.Path is { } path
            ? Printable.Of(path)
            : $"could not be saved: {Printable.Of(saved.Problem!)}";
        text.WriteLine($"  schedule: {where}");
        if (page is not null)
            text.WriteLine(page.Path is { } file ? $"  report: {Printable.Of(file)}" : $"  no report: {page.Problem}");

        text.WriteLine($"  token: {token}");
        text.WriteLine(
            $"To run it again: kmaplab replay {Printable.Argument(saved.Path ?? token)} --trace{modules}");
    }

    /// <summary>"2 preemptions, 19 steps".</summary>
    internal static string Size(Failing failing) =>
        $"{Counted.Of(failing.Preemptions, "preemption")}, {Counted.Of(failing.Steps, "step")}";

    private static void WritePair(TextWriter text, MinimizationReport report)
    {
        if (report.Pair is not { } pair)
        {
            text.WriteLine("  critical pair: none; no exchange of two steps avoids it");
            return;
        }

        text.WriteLine($"  critical pair{(pair.About.Length == 0 ? "" : $", about {pair.About}")}:");
        text.WriteLine($"    step {pair.First.Number}: {Line(pair.First)}");
        text.WriteLine(pair.Second.Number == 0
            ? $"    never: {Line(pair.Second)}"
            : $"    step {pair.Second.Number}: {Line(pair.Second)}");
        text.WriteLine("    the other way round it does not fail");

        static string Line(CriticalStep step) =>
            $"{step.Name}, {step.Text}{(step.Function.Length == 0 ? "" : $" in {step.Function}()")}";
    }

    private static void WriteNoReturn(TextWriter text, PointOfNoReturn sure)
    {
        int step = sure.Step;
        string before = step == 0 ? "" : $", of those from before it {sure.Failing[step - 1]} do";
        text.WriteLine(step == 0
            ? $"  no return: it fails however it goes on from the start ({sure.Continuations} continuations drawn)"
            : $"  no return after step {step}: all {sure.Continuations} continuations that were drawn fail{before}");
        if (sure.Jump is var jump and > 0 && jump != step)
        {
            text.WriteLine(
                $"  most likely made by step {jump}: {sure.Failing[jump - 1]} of {sure.Continuations} fail before it, "
                + $"{sure.Failing[jump]} after it");
        }
    }
}
