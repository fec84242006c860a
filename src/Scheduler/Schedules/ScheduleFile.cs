using System.Text;

namespace Kmaplab.Scheduler.Schedules;

/// <summary>Schedules on disk. A file is there completely or not at all.</summary>
/// <param name="program">The name of the program, with which files begin.</param>
public sealed class ScheduleFile(string program)
{
    private const int BytesMax = 64 << 20;

    private readonly ScheduleText _text = new(program);

    /// <summary>Writes a schedule next to its place and then moves it there.</summary>
    public void Save(string path, Schedule schedule) => WholeFile.Write(path, _text.Format(schedule));

    /// <summary>
    /// Writes a schedule as NAME.schedule, or with a number after its name if another schedule has that already; yields
    /// the path.
    /// </summary>
    /// <remarks>The same schedule again keeps its name, and no other one is ever overwritten.</remarks>
    public string SaveNew(string folder, string name, Schedule schedule)
    {
        string text = _text.Format(schedule);
        for (int number = 1; ; number++)
        {
            string path = Path.Combine(folder, number == 1 ? $"{name}.schedule" : $"{name}-{number}.schedule");
            if (WholeFile.Holds(path, text) || (!Path.Exists(path) && WholeFile.WriteNew(path, text)))
                return path;

            if (WholeFile.Holds(path, text))
                return path; // Somebody else has written it just now.
        }
    }

    /// <summary>Reads a schedule.</summary>
    /// <exception cref="ScheduleFormatException">The file cannot be read, or is no whole schedule.</exception>
    public Schedule Load(string path)
    {
        byte[] bytes = WholeFile.Read(
            path, BytesMax, "is not a schedule", message => new ScheduleFormatException(message));
        using var text = new StreamReader(new MemoryStream(bytes), Encoding.UTF8);
        return _text.Parse(text.ReadToEnd(), path);
    }
}
