using Kmaplab.Scheduler.Minimization;
using Kmaplab.Stress.Reports.Printing;
using Kmaplab.Stress.Reports.Tables;

namespace Kmaplab.Stress.Pictures.Formats;

/// <summary>An explanation for a terminal: the story, the two steps that matter, and the table of all steps.</summary>
internal static class TextPicture
{
    internal static void Write(TextWriter text, Explanation explanation)
    {
        text.WriteLine($"{explanation.Experiment.Name}: {explanation.Verdict}: {explanation.Headline}");
        if (explanation.Promise is { } promise)
            text.WriteLine($"  {promise}; that does not happen");

        text.WriteLine();
        foreach (StoryLine line in explanation.Story)
            WriteLine(text, line);

        if (explanation.Analysis is { } analysis)
            WriteAnalysis(text, analysis);

        text.WriteLine();
        InterleavingTable.Write(text, explanation.Trace, withSource: true);
        text.WriteLine();
        string source = Printable.Argument(explanation.Source);
        text.WriteLine($"As a page: kmaplab explain {source} --format html{explanation.ModuleOptions}");
    }

    private static void WriteLine(TextWriter text, StoryLine line)
    {
        string steps = line.From == 0 ? "" : line.From == line.To ? $"{line.From}" : $"{line.From}-{line.To}";
        string who = line.Who.Length == 0 ? "" : $"{line.Who} ";
        FilledText.Write(text, $"  {steps,-7}", $"{who}{line.Text}");
    }

    private static void WriteAnalysis(TextWriter text, FailureAnalysis analysis)
    {
        text.WriteLine();
        if (analysis.Pair is { } pair)
        {
            text.WriteLine($"  critical pair{(pair.About.Length == 0 ? "" : $", about {pair.About}")}:");
            text.WriteLine($"    {Step(pair.First)}");
            text.WriteLine($"    {Step(pair.Second)}");
            text.WriteLine("    the other way round it does not fail so");
        }

        int step = analysis.NoReturn.Step;
        text.WriteLine(
            $"  no return {(step == 0 ? "from the start" : $"after step {step}")}: "
            + $"all {analysis.NoReturn.Continuations} continuations that were drawn fail");

        static string Step(CriticalStep step)
        {
            string place = step.Function.Length == 0 ? "" : $" in {step.Function}()";
            return $"{(step.Number == 0 ? "never" : $"step {step.Number}")}: {step.Name}, {step.Text}{place}";
        }
    }
}
