namespace Kmaplab.Scheduler.Exploration;

/// <summary>
/// A strategy that picks uniformly among all that is enabled, and looks at nothing: of one alone it draws no number.
/// </summary>
internal interface IUniformStrategy
{
    /// <summary>From what it draws, for whoever walks in its place.</summary>
    ref Pcg32 Random { get; }
}
