using System.Threading;
using Kmaplab.Scheduler.Detection;
using Kmaplab.Scheduler.Scenarios;
using Kmaplab.Scheduler.Schedules;
using Kmaplab.Stress.Pictures;
using Kmaplab.Stress.Pictures.Formats;
using Kmaplab.Stress.Reports.Printing;

namespace Kmaplab.Stress.Campaigns.Results;

/// <summary>
/// The corpus on disk: for each failure a schedule that replay runs, and a page that explains it. What else is in the
/// folder stays there, so that it may grow from campaign to campaign.
/// </summary>
internal static class CorpusFolder
{
    /// <summary>Where the page of a failure is, beside the report.</summary>
    internal static string PageOf(CorpusEntry entry) => Path.ChangeExtension(entry.File, PictureFormats.Html.Extension);

    /// <summary>Writes all; a page that cannot be made is left out.</summary>
    internal static void Write(
        string folder, CorpusEntry[] corpus, ScenarioCatalogue catalogue, int jobs, CancellationToken cancellation)
    {
        Directory.CreateDirectory(Path.Combine(folder, Corpus.Folder));
        foreach (CorpusEntry entry in corpus)
            WholeFile.Write(Path.Combine(folder, entry.File), entry.Schedule);

        Parallel.ForEach(corpus, new ParallelOptions { MaxDegreeOfParallelism = jobs }, entry =>
        {
            if (!cancellation.IsCancellationRequested)
                WritePage(folder, entry, catalogue);
        });
    }

    private static void WritePage(string folder, CorpusEntry entry, ScenarioCatalogue catalogue)
    {
        string path = Path.Combine(folder, entry.File);
        Schedule schedule = Product.Files.Load(path);
        try
        {
            Explanation explanation = ExplanationOf.Schedule(
                catalogue.Resolve(schedule), schedule, Path.GetFileName(path), CancellationToken.None);
            WholeFile.Write(
                Path.Combine(folder, PageOf(entry)), stream => PictureFormats.Html.Write(explanation, stream));
        }
        catch (UsageException)
        {
            // It has too many steps to be explained.
        }
    }
}
