using Kmaplab.Scheduler.Detection;
using Kmaplab.Scheduler.Simulation.Hardware;

namespace Kmaplab.Scheduler.Recordings;

/// <summary>What running a recording again has shown.</summary>
public sealed record RecordingReport
{
    /// <summary>The steps of the recording that were done again.</summary>
    public required int Steps { get; init; }

    /// <summary>The steps of the recording.</summary>
    public required int StepsOfAll { get; init; }

    /// <summary>
    /// Steps that were tried in another order than the recorded one, as that did not lead on; 0 if it did.
    /// </summary>
    public int StepsTried { get; init; }

    /// <summary>What was found where the recording ends; null if nothing.</summary>
    public Finding? Finding { get; init; }

    /// <summary>What the simulated machine has found earlier than the threads, if anything.</summary>
    public EarlierFinding? Earlier { get; init; }

    /// <summary>Why the machine did not follow the recording to its end; null if it did.</summary>
    public string? Divergence { get; init; }

    /// <summary>The words of kernel memory that were compared in the end.</summary>
    public int WordsCompared { get; init; }

    /// <summary>The first word that is not as it was; null if there is none.</summary>
    public string? DifferentWord { get; init; }

    /// <summary>
    /// The same happened: the same failure, found by the same task in the same operation, or the same end.
    /// </summary>
    public required bool Reproduced { get; init; }

    /// <summary>What the simulated machine has done, up to the first thing that it has found.</summary>
    public required Transition[] Transitions { get; init; }

    /// <summary>What it has found in the last of those.</summary>
    public Finding? FirstFinding => Earlier?.Finding ?? Finding;
}

/// <summary>Something that shows on the simulated machine before threads notice.</summary>
/// <param name="Finding">What.</param>
/// <param name="Step">After how many steps of the recording.</param>
public sealed record EarlierFinding(Finding Finding, int Step);
