namespace Kmaplab.Stress.Oracle.Reading;

/// <summary>A file of oracle programs is not what the format says it must be.</summary>
public sealed class OracleFormatException : Exception
{
    /// <summary>Names the place as closely as it is known, and the reason.</summary>
    public OracleFormatException(
        string file, string? program, int? thread, int? instruction, string reason, Exception? inner = null)
        : base($"{file}{Place(program, thread, instruction)}: {reason}", inner)
    {
        File = file;
        Program = program;
        Thread = thread;
        Instruction = instruction;
        Reason = reason;
    }

    /// <summary>The file as the caller named it.</summary>
    public string File { get; }

    /// <summary>The program's name, or its position in the file when it has none.</summary>
    public string? Program { get; }

    /// <summary>The thread, counted from 0.</summary>
    public int? Thread { get; }

    /// <summary>The instruction within its thread, counted from 0.</summary>
    public int? Instruction { get; }

    /// <summary>What is wrong there, in one line.</summary>
    public string Reason { get; }

    private static string Place(string? program, int? thread, int? instruction)
        => (program is null ? "" : $": program '{program}'")
            + (thread is null ? "" : $", thread {thread}")
            + (instruction is null ? "" : $", instruction {instruction}");
}
