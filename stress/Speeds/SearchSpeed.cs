namespace Kmaplab.Stress.Speeds;

/// <summary>What is measured of a command.</summary>
internal enum SpeedUnit
{
    /// <summary>Millions of steps a second, as explore says.</summary>
    Steps,

    /// <summary>Millions of transitions a second, as verify says.</summary>
    Transitions,

    /// <summary>The whole program, in milliseconds.</summary>
    Milliseconds,
}

/// <summary>A search whose speed is measured: a command of the program, at a size that never changes.</summary>
/// <param name="Name">What it is called in the table.</param>
/// <param name="Unit">What is measured of it.</param>
/// <param name="Arguments">The command.</param>
internal sealed record SearchSpeed(string Name, SpeedUnit Unit, string[] Arguments)
{
    /// <summary>All of them, in the order of the table.</summary>
    internal static SearchSpeed[] All { get; } =
    [
        new("start: verify churn with 2 tasks", SpeedUnit.Milliseconds, ["verify", "churn", "--tasks", "2"]),
        Explore("churn", tasks: 4, slots: 2, pages: 4, executions: 1_000_000),
        Explore("shared", tasks: 3, slots: 2, pages: 3, executions: 1_000_000),
        Explore("exhaust", tasks: 4, slots: 2, pages: 4, executions: 1_000_000),
        Explore("nested", tasks: 2, slots: 4, pages: 4, executions: 1_000_000),
        Explore("churn", tasks: 4, slots: 2, pages: 4, executions: 300_000, strategy: "auto"),
        Explore("exhaust", tasks: 4, slots: 2, pages: 4, executions: 300_000, strategy: "auto"),
        Explore("churn", tasks: 8, slots: 4, pages: 8, executions: 100_000),
        Explore("churn", tasks: 16, slots: 512, pages: 2000, executions: 60_000),
        Explore("churn", tasks: 100, slots: 512, pages: 100, executions: 5_000),
        Explore("churn", tasks: 10_000, slots: 512, pages: 10_000, executions: 40),
        Verify(tasks: 5, jobs: 1, "--no-symmetry"),
        Verify(tasks: 5, jobs: 2, "--no-symmetry"),
        Verify(tasks: 6, jobs: 1, "--no-symmetry", "--max-states", "8000000"),
        Verify(tasks: 6, jobs: 1),
    ];

    private static SearchSpeed Explore(
        string scenario, int tasks, int slots, int pages, int executions, string strategy = "random") => new(
        $"explore {scenario} {tasks}x{slots}x{pages}" + (strategy == "random" ? "" : $", {strategy}"),
        SpeedUnit.Steps,
        [
            "explore", scenario, "--strategy", strategy, "--rounds", "3", "--jobs", "1",
            "--tasks", $"{tasks}", "--slots", $"{slots}", "--pages", $"{pages}", "--executions", $"{executions}",
        ]);

    private static SearchSpeed Verify(int tasks, int jobs, params string[] more) => new(
        $"verify churn {tasks}x2x{tasks}"
            + (more.Length == 0 ? "" : ", all names")
            + (more.Length < 2 ? "" : ", 8 M states of it")
            + (jobs == 1 ? "" : $", {jobs} jobs"),
        SpeedUnit.Transitions,
        [
            "verify", "churn", "--rounds", "forever", "--liveness-states", "0", "--jobs", $"{jobs}",
            "--tasks", $"{tasks}", "--slots", "2", "--pages", $"{tasks}", .. more,
        ]);
}
