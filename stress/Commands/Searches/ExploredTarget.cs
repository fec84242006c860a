using Kmaplab.Scheduler.Scenarios;

namespace Kmaplab.Stress.Commands.Searches;

/// <summary>What was explored, and what is wanted of the result.</summary>
/// <param name="Target">As the user has named it.</param>
/// <param name="Name">The same with its variant.</param>
/// <param name="Experiment">What was booted.</param>
/// <param name="Strategy">As the user has named it.</param>
/// <param name="KeepsGoing">The first failure did not end it.</param>
/// <param name="IsMinimized">The smallest form of a failure is wanted.</param>
/// <param name="IsReported">The page of a failure is wanted.</param>
internal sealed record ExploredTarget(
    string Target,
    string Name,
    Experiment Experiment,
    string Strategy,
    bool KeepsGoing,
    bool IsMinimized,
    bool IsReported);
