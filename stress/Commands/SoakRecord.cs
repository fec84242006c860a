using System.CommandLine;
using Kmaplab.Scheduler.Detection;
using Kmaplab.Scheduler.Recordings;
using Kmaplab.Scheduler.Scenarios;
using Kmaplab.Scheduler.Schedules;
using Kmaplab.Scheduler.Simulation.Operations;
using Kmaplab.Stress.CommandLine;
using Kmaplab.Stress.Reports.Printing;
using Kmaplab.Stress.Reports.Texts;
using Kmaplab.Stress.Soaking;

namespace Kmaplab.Stress.Commands;

/// <summary>What of a soak is kept, and where.</summary>
internal sealed class SoakRecord
{
    private readonly Option<string?> _all = new("--record")
    {
        Description = "Keep all runs in this file, also if nothing fails: kmaplab replay FILE",
        HelpName = "FILE",
    };
    private readonly Option<bool> _none = new("--no-record")
    {
        Description = "Keep nothing of what threads do, for speed; a failure cannot be replayed then",
    };

    internal void AddTo(Command command)
    {
        command.Options.Add(_all);
        command.Options.Add(_none);
    }

    /// <summary>The options with what is to be kept; refuses what cannot be, before any work is done.</summary>
    internal SoakOptions Read(ParseResult arguments, SoakOptions options)
    {
        bool keepsNothing = arguments.GetValue(_none);
        options = options with { Records = options.Records && !keepsNothing };
        if (arguments.GetValue(_all) is not { } file)
            return options;

        if (options.IsBare)
            throw new UsageException("--record keeps what --bare does not look at: give one of them");

        if (keepsNothing)
            throw new UsageException("--record keeps what --no-record does not: give one of them");

        if (Directory.Exists(file))
            throw new UsageException($"--record '{file}' is a folder: name a file in it");

        string folder = Path.GetDirectoryName(Path.GetFullPath(file)) ?? file;
        if (!Directory.Exists(folder))
            throw new UsageException($"--record '{file}' cannot be written: there is no folder '{folder}'");

        return options with { RecordsAll = true };
    }

    /// <summary>The name of the file of all runs; null if nobody wants it.</summary>
    internal string? FileOf(ParseResult arguments) => arguments.GetValue(_all);

    /// <summary>The file of all runs, empty; null if nobody wants it.</summary>
    internal FileStream? Open(ParseResult arguments)
    {
        if (arguments.GetValue(_all) is not { } file)
            return null;

        try
        {
            // Without a buffer: what is written is there, whatever happens then.
            return new FileStream(file, FileMode.Create, FileAccess.Write, FileShare.Read, bufferSize: 0);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw NoRoom(file, exception);
        }
    }

    /// <summary>Begins to write into it.</summary>
    internal static RecordingPipe Pipe(FileStream file, Schedule header)
    {
        try
        {
            return new RecordingPipe(Product.Recordings, file, header);
        }
        catch (IOException exception)
        {
            throw NoRoom(file.Name, exception);
        }
    }

    /// <summary>What a recording says of what ran: on the simulated machine it stops in front of everything.</summary>
    internal static Schedule Header(Session session, Experiment experiment, SoakOptions options) =>
        session.NewSchedule(experiment with { Points = SchedulingPoints.All }, Recording.Strategy) with
        {
            Seed = options.Seed,
        };

    /// <summary>Keeps the run that has failed.</summary>
    internal static SavedSchedule Save(Session session, string name, Schedule header, SoakResult failed)
    {
        session.PrepareOut();
        string file = SavedSchedule.FileName($"{name}-{failed.Finding!.Class.Name()}-{header.Seed}");
        return SavedSchedule.SaveRecording(
            Path.Combine(session.Out, $"{file}.recording"), header, failed.Epochs!);
    }

    private static UsageException NoRoom(string file, Exception exception) =>
        new($"--record '{file}' cannot be written: {exception.Message}");
}
