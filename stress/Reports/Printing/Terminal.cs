using System.Threading;

namespace Kmaplab.Stress.Reports.Printing;

/// <summary>Where a command writes, and how it learns that it shall stop.</summary>
/// <param name="Out">What was asked for.</param>
/// <param name="Error">Errors and progress, and people's text where JSON was asked for.</param>
/// <param name="IsInteractive">Whether somebody watches <paramref name="Error"/>, so that progress makes sense.</param>
/// <param name="HasColor">Whether <paramref name="Out"/> shows colours.</param>
/// <param name="Cancellation">Set by Ctrl-C.</param>
public sealed record Terminal(
    TextWriter Out,
    TextWriter Error,
    bool IsInteractive = false,
    bool HasColor = false,
    CancellationToken Cancellation = default);
