using System.CommandLine;
using Kmaplab.Stress.CommandLine;
using Kmaplab.Stress.Reports.Printing;

namespace Kmaplab.Stress.Commands.Campaigns;

/// <summary>The commands about campaigns: many pieces, run anywhere, with one report of all.</summary>
internal static class CampaignCommand
{
    /// <summary>To add one, list it here.</summary>
    internal static Command Build(GlobalOptions options, Terminal terminal, Watchdog watchdog)
    {
        var command = new Command("campaign", "Run a plan of many pieces, in one process or on many machines");
        foreach (LabCommand each in (LabCommand[])
            [new CampaignPlanCommand(), new CampaignRunCommand(), new CampaignMergeCommand(),
             new CampaignServeCommand(), new CampaignJoinCommand()])
        {
            command.Subcommands.Add(each.Build(options, terminal, watchdog));
        }

        return command;
    }
}
