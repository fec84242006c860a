using System.CommandLine;
using Kmaplab.Scheduler.Detection;
using Kmaplab.Scheduler.Kernel;
using Kmaplab.Scheduler.Scenarios;
using Kmaplab.Scheduler.Schedules;
using Kmaplab.Stress.Campaigns.Plans;
using Kmaplab.Stress.CommandLine;
using Kmaplab.Stress.Reports.Documents;
using Kmaplab.Stress.Reports.Printing;

namespace Kmaplab.Stress.Commands.Campaigns;

/// <summary>Writes plans to begin with.</summary>
internal sealed class CampaignPlanCommand()
    : LabCommand("plan", "Write a plan to begin with, and say how many pieces it has")
{
    private readonly Argument<string> _name = new("NAME")
    {
        Description = $"{string.Join(", ", PlanTemplates.Names[..^1])} or {PlanTemplates.Names[^1]}",
    };

    protected override void AddOptions(Command command) => command.Arguments.Add(_name);

    internal override int Run(Session session, ParseResult arguments)
    {
        string name = arguments.GetValue(_name)!;
        PlanFile file = PlanTemplates.Find(name, session.Catalogue)
            ?? throw new UsageException(
                $"there is no plan '{name}'{NearestName.Suggestion(name, PlanTemplates.Names)} (there is "
                + $"{string.Join(", ", PlanTemplates.Names)})");
        session.PrepareOut();
        string path = Path.Combine(session.Out, $"{name}.json");
        WholeFile.Write(path, file.Text);
        var plan = CampaignPlan.Load(path, session.Catalogue, session.Strategies);
        session.WriteJson(
            new CampaignPlanReport(path, plan.Name, plan.Fingerprint, plan.Pieces.Count),
            ReportJson.Default.CampaignPlanReport);
        session.Text.WriteLine(
            $"{plan.Name}: {Counted.Of(plan.Pieces.Count, "piece")}; to run it: kmaplab campaign run "
            + $"{Printable.Argument(path)}{session.ModuleOptions}");
        return ExitCode.Clean;
    }
}
