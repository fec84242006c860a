using System.CommandLine;

namespace Kmaplab.Stress.CommandLine;

/// <summary>The options that every command has.</summary>
internal sealed class GlobalOptions
{
    internal Option<bool> Json { get; } =
        new("--json")
        {
            Description = "Write one JSON object to stdout, and everything else to stderr",
            Recursive = true,
        };

    internal Option<ulong> Seed { get; } =
        NumberOption.Create(
            "--seed",
            "Where chance begins: the same seed gives the same result",
            0UL,
            ulong.MaxValue,
            1UL);

    internal Option<int> Jobs { get; } =
        NumberOption.Create(
            "--jobs",
            "Threads that work; the result does not depend on it",
            1,
            256,
            Environment.ProcessorCount);

    internal Option<string> Out { get; } =
        new("--out")
        {
            Description = "The folder for schedules and reports",
            HelpName = "DIR",
            DefaultValueFactory = _ => "out",
            Recursive = true,
        };

    internal Option<bool> NoColor { get; } =
        new("--no-color") { Description = "Plain text, also on a terminal", Recursive = true };

    internal Option<string[]> Module { get; } =
        new("--module")
        {
            Description = "An assembly with further scenarios and variants; may be repeated",
            HelpName = "FILE.dll",
            Recursive = true,
        };

    internal void AddTo(Command root)
    {
        Seed.Recursive = true;
        Jobs.Recursive = true;
        foreach (Option option in (Option[])[Json, Seed, Jobs, Out, NoColor, Module])
            root.Options.Add(option);
    }
}
