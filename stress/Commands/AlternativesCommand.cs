using System.CommandLine;
using Kmaplab.Scheduler.Scenarios;
using Kmaplab.Scheduler.Threads.Tasks;
using Kmaplab.Scheduler.Verification;
using Kmaplab.Stress.CommandLine;
using Kmaplab.Stress.Reports.Documents;
using Kmaplab.Stress.Reports.Printing;
using Kmaplab.Stress.Reports.Texts;
using Kmaplab.Stress.Soaking;

namespace Kmaplab.Stress.Commands;

/// <summary>Other ways to do what kmap does, side by side: what is proved of each, and what it is worth.</summary>
internal sealed class AlternativesCommand() : LabCommand(
    "alternatives", "Prove other ways to do what kmap does, measure them on threads, and write a table of them")
{
    private const int Passes = 5; // Medians.
    private const int SlotsMax = 1 << 16;

    private readonly Option<int> _threads = NumberOption.Create(
        "--threads", "Number of threads", 1, ThreadOptions.TasksMax, 16);
    private readonly Option<int> _slots = NumberOption.Create(
        "--slots", "Number of slots (LAST_PKMAP), a power of two", 1, SlotsMax, 8);
    private readonly Option<double> _seconds = NumberOption.Create(
        "--seconds", "Seconds to run each, five times", 0.01, 1e6, 1.0);

    protected override void AddOptions(Command command)
    {
        foreach (Option option in (Option[])[_threads, _slots, _seconds])
            command.Options.Add(option);
    }

    internal override int Run(Session session, ParseResult arguments)
    {
        int threads = arguments.GetValue(_threads);
        var size = new SizeRequest { Tasks = threads, Slots = arguments.GetValue(_slots), Pages = threads };
        TimeSpan time = TimeSpan.FromSeconds(arguments.GetValue(_seconds));
        session.Catalogue.Resolve("churn", null, size); // Before any work is done.
        var progress = new ProgressLine(session.Terminal);
        List<SoakResult>[] soaks = Measure(session, progress, size, time);
        var all = new List<Alternative>();
        foreach (string? variant in Alternative.Names)
        {
            List<SoakResult> passes = soaks[all.Count];
            if (session.Cancellation.IsCancellationRequested || passes.Count == 0)
                break;

            progress.Show(() => $"{variant ?? "the port"} is proved or refuted");
            SoakResult median = passes.OrderBy(pass => pass.Totals.AllOperations / pass.Seconds)
                .ElementAt(passes.Count / 2);
            SoakResult soak = passes.Find(pass => pass.Finding is not null) ?? median;
            all.Add(new Alternative(
                variant, Alternative.Prove(session.Catalogue, variant, session.Cancellation), soak));
        }

        progress.Clear();
        bool isInterrupted = session.Cancellation.IsCancellationRequested;
        if (isInterrupted)
            session.Text.WriteLine("interrupted: the last of these is not done, and some are missing");

        AlternativesText.Write(session.Text, all);
        session.WriteJson(AlternativesReport.Of(all), AlternativesJson.Default.AlternativesReport);
        return isInterrupted ? ExitCode.NoAnswer
            : all.Exists(IsWrong) ? ExitCode.Failure
            : ExitCode.Clean;
    }

    // One after the other, and all again, so that what else the machine does meanwhile spoils no one more than others.
    private static List<SoakResult>[] Measure(Session session, ProgressLine progress, SizeRequest size, TimeSpan time)
    {
        List<SoakResult>[] soaks = [.. Alternative.Names.Select(_ => new List<SoakResult>())];
        for (int pass = 0; pass < Passes; pass++)
        {
            for (int i = 0; i < soaks.Length && !session.Cancellation.IsCancellationRequested; i++)
            {
                string? variant = Alternative.Names[i];
                progress.Show(() => $"{variant ?? "the port"} on threads, {pass + 1} of {Passes}");
                soaks[i].Add(Alternative.Measure(session.Catalogue, variant, size, time, session.Cancellation));
            }
        }

        return soaks;
    }

    // What is refuted in the table is said there; a failure that no search has foreseen is another matter.
    private static bool IsWrong(Alternative alternative) =>
        alternative.Soak.Finding is not null && alternative.Proofs.All(proof => proof.Verdict != Verdict.Violated);
}
