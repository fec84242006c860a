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

        using (new CampaignWatch(session.Terminal, session.IsJson, coordinator.Progress))
            Work(coordinator, jobs);

        if (coordinator.Differing is [var piece, ..])
            throw new InvalidOperationException(
                $"two reports of piece {piece + 1} say different things, so what it shows depends on something outside "
                + $"the machine: {plan.Pieces[piece]}");

        var results = new CampaignResults(plan);
        foreach (PieceOutcome? outcome in coordinator.Results())
        {
            if (outcome is not null)
                results.Take(outcome, "this run");
        }

        return new CampaignEnding(session, plan.Name).Tell(results);
    }

    private void Work(Coordinator coordinator, int jobs)
    {
        try
        {
            if (jobs > 0)
                new WorkerThreads(coordinator, "this process", plan.Perform).Run(jobs, session.Cancellation);

            coordinator.Completion.WaitAsync(session.Cancellation).GetAwaiter().GetResult();
        }
        catch (OperationCanceledException) when (session.Cancellation.IsCancellationRequested)
        {
            session.Text.WriteLine("interrupted; with --state the same call goes on: this is what there is until now");
        }
    }
}
