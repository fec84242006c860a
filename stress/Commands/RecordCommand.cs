using Kmaplab.Stress.Conformance;
using Kmaplab.Stress.Conformance.Recording;

namespace Kmaplab.Stress.Commands;

/// <summary>kmaplab record: writes a trace of the port, in the form of those of the kernel's own code.</summary>
public static class RecordCommand
{
    /// <summary>Writes one trace to <paramref name="path"/>, compressed if it ends in .gz; yields 0, or 2 if that is impossible.</summary>
    public static int Run(RecordOptions options, string path, TextWriter stdout, TextWriter stderr)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(path);
        ArgumentNullException.ThrowIfNull(stdout);
        ArgumentNullException.ThrowIfNull(stderr);
        if ((options.Problem() ?? TraceFiles.NameProblem(path)) is { } problem)
        {
            stderr.WriteLine(problem);
            return 2;
        }

        RecordedTrace trace = TraceRecorder.Record(options);
        try
        {
            trace.WriteTo(TraceFiles.Create(path));
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            stderr.WriteLine($"{path}: cannot be written: {failure.Message}");
            return 2;
        }

        stdout.WriteLine($"{path}: {trace.End.Steps} steps, end '{TraceWords.Ends[trace.End.Reason]}'");
        return 0;
    }
}
