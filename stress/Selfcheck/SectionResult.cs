namespace Kmaplab.Stress.Selfcheck;

/// <summary>What a part of the self-check has shown.</summary>
/// <param name="Checked">How many things were checked.</param>
/// <param name="Detail">What they were, in words.</param>
/// <param name="Problems">Everything that was not as it must be, each with what it takes to see it again.</param>
/// <param name="IsWhole">Nothing was left out because somebody pressed Ctrl-C.</param>
internal sealed record SectionResult(int Checked, string Detail, IReadOnlyList<string> Problems, bool IsWhole)
{
    /// <summary>
    /// Something was checked, and all of it was as it must be: who has checked nothing has shown nothing.
    /// </summary>
    internal bool Passed => Checked > 0 && Problems.Count == 0 && IsWhole;
}
