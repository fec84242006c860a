using Kmaplab.Scheduler.Simulation.Hardware;

namespace Kmaplab.Stress.Selfcheck;

/// <summary>One word of a little program: what to do, and to which of two things of a kind.</summary>
internal readonly record struct Act(char Kind, int Which);

/// <summary>
/// Reads little programs: <c>L0 S0 W1 Z0 U0 | e0</c> is two tasks, <c>2 x H0 Y0</c> is two that are declared alike.
/// </summary>
internal static class LittleText
{
    /// <summary>Whether the tasks are declared alike.</summary>
    internal static bool IsAlike(string text) => text.Contains(" x ", StringComparison.Ordinal);

    internal static Act[][] Read(string text)
    {
        if (!IsAlike(text))
            return [.. text.Split('|').Select(ReadTask)];

        string[] parts = text.Split(" x ");
        int tasks = parts[0][0] - '0';
        return [.. Enumerable.Repeat(ReadTask(parts[1]), Math.Clamp(tasks, 1, Transition.MaxContexts))];
    }

    private static Act[] ReadTask(string text) =>
        [.. text.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(word => new Act(word[0], word[1] - '0'))];
}
