namespace Kmaplab.Scheduler.Coroutines.Source;

/// <summary>A line of a source file.</summary>
/// <param name="Path">The file, as the compiler was given it.</param>
/// <param name="Line">The line, from 1.</param>
public sealed record SourceLine(string Path, int Line)
{
    /// <summary>The file's name without its folder.</summary>
    public string File => Path[(Path.LastIndexOfAny(['/', '\\']) + 1)..];

    /// <inheritdoc/>
    public override string ToString() => $"{File}:{Line}";
}
