using System.Text;

namespace Kmaplab.Scheduler.Schedules;

/// <summary>Schedules on disk. A file is there completely or not at all.</summary>
public static class ScheduleFile
{
    private const long BytesMax = 64 << 20;

    /// <summary>Writes a schedule next to its place and then moves it there.</summary>
    public static void Save(string path, Schedule schedule) => WriteWhole(path, ScheduleText.Format(schedule));

    /// <summary>Reads a schedule.</summary>
    /// <exception cref="ScheduleFormatException">The file cannot be read, or is no whole schedule.</exception>
    public static Schedule Load(string path)
    {
        try
        {
            if (new FileInfo(path).Length > BytesMax)
                throw new ScheduleFormatException($"{path} is not a schedule: it is larger than {BytesMax >> 20} MiB");

            return ScheduleText.Parse(File.ReadAllText(path), path);
        }
        catch (FileNotFoundException)
        {
            throw new ScheduleFormatException($"there is no file '{path}'");
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new ScheduleFormatException($"{path} cannot be read: {exception.Message}");
        }
    }

    /// <summary>Writes a text file under a temporary name and renames it, so that nobody ever sees half of it.</summary>
    public static void WriteWhole(string path, string text)
    {
        string temporary = $"{path}.part";
        try
        {
            File.WriteAllText(temporary, text, new UTF8Encoding(encoderShouldEmitUTF8Identifier: false));
            File.Move(temporary, path, overwrite: true);
        }
        catch
        {
            File.Delete(temporary);
            throw;
        }
    }
}
