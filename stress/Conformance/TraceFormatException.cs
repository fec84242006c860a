namespace Kmaplab.Stress.Conformance;

/// <summary>A trace file is not what the format says it must be.</summary>
public sealed class TraceFormatException : Exception
{
    /// <summary>Names the place and the reason; line 0 stands for the file as a whole.</summary>
    public TraceFormatException(string file, int line, string reason, Exception? inner = null)
        : base(line == 0 ? $"{file}: {reason}" : $"{file}:{line}: {reason}", inner)
    {
        File = file;
        Line = line;
        Reason = reason;
    }

    /// <summary>The file as the caller named it.</summary>
    public string File { get; }

    /// <summary>The line, counted from 1, or 0 when no single line is to blame.</summary>
    public int Line { get; }

    /// <summary>What is wrong there, in one line.</summary>
    public string Reason { get; }
}
