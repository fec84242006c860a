using Kmaplab.Scheduler.Detection;
using Kmaplab.Scheduler.Scenarios;
using Kmaplab.Scheduler.Schedules;
using Kmaplab.Stress.Reports;
using Kmaplab.Stress.Reports.Documents.Findings;
using Kmaplab.Stress.Scenarios;

namespace Kmaplab.Stress.Tests.Reports;

public sealed class FailureWriterTests
{
    [Fact]
    public void A_failure_whose_schedule_cannot_be_saved_is_told_with_its_token()
    {
        Experiment churn = new ScenarioCatalogue(typeof(Churn<>).Assembly).Resolve("churn", null, new SizeRequest());
        string folder = Path.Combine(Path.GetTempPath(), $"kmaplab-{Guid.NewGuid():N}");
        var finding = new Finding(FailureClass.Deadlock, "2 of 2 tasks can never run again");

        FailureReport failure = FailureWriter.Save(
            folder, "churn", churn.NewSchedule("random", 1).With(finding), finding, preemptions: 0);
        using var text = new StringWriter();
        FailureWriter.Write(text, "churn", failure, "");

        Assert.Null(failure.Schedule);
        Assert.Contains(
            $"  schedule: could not be saved: there is no folder '{folder}'{Environment.NewLine}",
            text.ToString(),
            StringComparison.Ordinal);
        Assert.EndsWith(
            $"To run it again: kmaplab replay {failure.Token} --trace{Environment.NewLine}",
            text.ToString(),
            StringComparison.Ordinal);
    }
}
