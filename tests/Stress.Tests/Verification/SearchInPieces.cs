using System.Threading;
using Kmaplab.Scheduler.Scenarios;
using Kmaplab.Scheduler.Verification;
using Kmaplab.Scheduler.Verification.Checkpoints;
using Kmaplab.Stress.Scenarios;
using Kmaplab.Stress.Tests.Commands;

namespace Kmaplab.Stress.Tests.Verification;

/// <summary>
/// Searches that must say the same however they are gone about: right and wrong programs, whole, or killed again and
/// again and gone on with.
/// </summary>
public abstract class SearchInPieces : CommandLineTest
{
    private static readonly ScenarioCatalogue s_catalogue = new(typeof(Churn<>).Assembly);

    /// <summary>Name, tasks and slots; no tasks: as many as there are by default.</summary>
    internal static IEnumerable<(string Name, int Tasks, int Slots)> Programs =>
    [
        ("churn", 3, 2), ("nested", 2, 2), ("nested", 2, 4), ("exhaust", 2, 1), ("mixed", 0, 0),
        ("no-recheck", 0, 0), ("queue-after-unlock", 0, 0), ("unlocked-lookup", 0, 0), ("no-wakeup", 0, 0),
        ("local-tlb-flush", 0, 0),
    ];

    private protected string FilePath => Path.Combine(Folder, "search.checkpoint");

    private protected static (string, string)[] Identity(Experiment target) => [("target", target.Name)];

    private protected static Experiment Resolve(string name, int tasks, int slots) => s_catalogue.Resolve(
        name,
        null,
        tasks == 0 ? new SizeRequest() : new SizeRequest { Tasks = tasks, Slots = slots, Rounds = 0 });

    private protected static VerificationReport Search(Experiment target, VerifierOptions options) =>
        new Verifier(target.Boot(), options) { Boot = target.Boot }.Run(TestContext.Current.CancellationToken);

    /// <summary>
    /// Each piece is a search of its own, which knows nothing but the file: a level, or as many blocks.
    /// </summary>
    private protected (VerificationReport Report, int Kills) RunInPieces(
        Experiment target, VerifierOptions options, long statesOfAll, int? blocks = null)
    {
        for (int kills = 0; ; kills++)
        {
            using var kill = new CancellationTokenSource();
            int asked = 0;
            using var checkpoint = new Checkpoint(FilePath, Identity(target))
            {
                IsDue = () => blocks is { } due && Interlocked.Increment(ref asked) >= due,
                IsDurable = false,
                Tried = problem =>
                {
                    Assert.Null(problem);
                    kill.Cancel();
                },
            };
            if (kills > 0)
                checkpoint.Resume();

            var verifier = new Verifier(target.Boot(), options with { Checkpoint = checkpoint })
            {
                Boot = target.Boot,
                Progress = (states, _) =>
                {
                    if (blocks is null && states < statesOfAll)
                        kill.Cancel();
                },
            };
            VerificationReport report = verifier.Run(kill.Token);
            if (report.Reason != "interrupted")
                return (report, kills);
        }
    }
}
