namespace Kmaplab.Scheduler.Kernel;

/// <summary>Numbers of things, in words.</summary>
public static class Counted
{
    /// <summary>1 page, 2 pages; <paramref name="plural"/> where an s is not enough.</summary>
    public static string Of(long count, string noun, string? plural = null) =>
        $"{count} {(count == 1 ? noun : plural ?? $"{noun}s")}";
}
