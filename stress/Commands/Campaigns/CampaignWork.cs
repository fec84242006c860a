using Kmaplab.Scheduler.Kernel;
using Kmaplab.Stress.Campaigns;
using Kmaplab.Stress.Campaigns.Coordination;
using Kmaplab.Stress.Campaigns.Plans;
using Kmaplab.Stress.Campaigns.Results;
using Kmaplab.Stress.CommandLine;

namespace Kmaplab.Stress.Commands.Campaigns;

/// <summary>Has a campaign performed, here or elsewhere, and tells what it has shown.</summary>
internal sealed class CampaignWork(Session session, CampaignPlan plan)
{
    /// <summary>
    /// Waits until all is done, or until it shall stop, with this many threads of this process; tells as much as there
    /// is; yields the exit code.
    /// </summary>
    internal int Run(Coordinator coordinator, int jobs)
    {
        if (coordinator.Restored > 0)
            session.Text.WriteLine(
                $"{plan.Name}: {coordinator.Restored} of {Counted.Of(plan.Pieces.Count, "piece")} were done before");

        IEnumerable<PieceOutcome> outcomes = Perform(coordinator, plan, jobs);
        if (session.Cancellation.IsCancellationRequested)
            session.Text.WriteLine("interrupted; with --state the same call goes on: this is what there is until now");

        var results = new CampaignResults(plan);
        foreach (PieceOutcome outcome in outcomes)
            results.Take(outcome, "this run");

        return new CampaignEnding(session, plan.Name).Tell(results);
    }

    /// <summary>Waits likewise; yields what came of those pieces that are done.</summary>
    internal IEnumerable<PieceOutcome> Perform(Coordinator coordinator, ICampaign campaign, int jobs)
    {
        using (new CampaignWatch(session.Terminal, session.IsJson, coordinator.Progress))
            Work(coordinator, campaign, jobs);

        return coordinator.Differing is [var piece, ..]
            ? throw new InvalidOperationException(
                $"two reports of piece {piece + 1} say different things, so what it shows depends on something outside "
                + $"the machine: {campaign.Pieces[piece]}")
            : coordinator.Results().OfType<PieceOutcome>();
    }

    private void Work(Coordinator coordinator, ICampaign campaign, int jobs)
    {
        try
        {
            if (jobs > 0)
                new WorkerThreads(coordinator, "this process", campaign.Perform).Run(jobs, session.Cancellation);

            coordinator.Completion.WaitAsync(session.Cancellation).GetAwaiter().GetResult();
        }
        catch (OperationCanceledException) when (session.Cancellation.IsCancellationRequested)
        {
            // Whoever asks for more sees that as well.
        }
    }
}
