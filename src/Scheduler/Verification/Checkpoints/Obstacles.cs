namespace Kmaplab.Scheduler.Verification.Checkpoints;

/// <summary>
/// What speaks against each reduction, so that the search must be done again without; null if nothing does.
/// </summary>
internal readonly record struct Obstacles(string? ToFusion, string? ToSymmetry, string? ToCanonicalForms)
{
    /// <summary>That by which a search is done again first, alone.</summary>
    internal Obstacles First =>
        ToCanonicalForms is not null ? new(null, null, ToCanonicalForms)
        : ToSymmetry is not null ? new(null, ToSymmetry, null)
        : new(ToFusion, null, null);

    /// <summary>These, and those that were known before.</summary>
    internal Obstacles After(Obstacles before) => new(
        before.ToFusion ?? ToFusion,
        before.ToSymmetry ?? ToSymmetry,
        before.ToCanonicalForms ?? ToCanonicalForms);
}
