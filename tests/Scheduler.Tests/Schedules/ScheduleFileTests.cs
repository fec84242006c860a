using Kmaplab.Scheduler.Schedules;
using Kmaplab.Scheduler.Simulation;

namespace Kmaplab.Scheduler.Tests.Schedules;

public sealed class ScheduleFileTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("kmaplab-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void A_saved_schedule_is_there_alone_and_whole()
    {
        string path = Path.Combine(_folder, "one.schedule");
        var schedule = new Schedule { Scenario = "churn", Transitions = [Transition.Step(1)] };

        ScheduleFile.Save(path, schedule);
        ScheduleFile.Save(path, schedule);

        Assert.True(ScheduleGen.Same(schedule, ScheduleFile.Load(path)));
        Assert.Equal([path], Directory.GetFiles(_folder));
    }

    [Fact]
    public void A_file_that_is_not_there_is_named()
    {
        var error = Assert.Throws<ScheduleFormatException>(() => ScheduleFile.Load(Path.Combine(_folder, "none")));

        Assert.StartsWith("there is no file '", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_folder_is_no_schedule() => Assert.Throws<ScheduleFormatException>(() => ScheduleFile.Load(_folder));
}
