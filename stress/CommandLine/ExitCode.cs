namespace Kmaplab.Stress.CommandLine;

/// <summary>What the program tells the shell.</summary>
public static class ExitCode
{
    /// <summary>Done, and nothing wrong found.</summary>
    public const int Clean = 0;

    /// <summary>A failure was found, or a check did not hold.</summary>
    public const int Failure = 1;

    /// <summary>The request makes no sense.</summary>
    public const int Usage = 2;

    /// <summary>The budget ran out, or somebody pressed Ctrl-C, before there was an answer.</summary>
    public const int NoAnswer = 3;

    /// <summary>The program itself is wrong.</summary>
    public const int Internal = 4;
}
