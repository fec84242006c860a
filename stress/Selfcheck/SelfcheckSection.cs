namespace Kmaplab.Stress.Selfcheck;

/// <summary>
/// One part of the self-check. To add one, derive from this and list it in <see cref="Commands.SelfcheckCommand"/>.
/// </summary>
internal abstract class SelfcheckSection
{
    /// <summary>What its row in the table is called.</summary>
    internal abstract string Name { get; }

    /// <summary>What it compares with what, in a sentence.</summary>
    internal abstract string What { get; }

    /// <summary>Does the work; once cancelled, it begins nothing further and says that it is not whole.</summary>
    internal abstract SectionResult Run(SelfcheckRun run);
}
