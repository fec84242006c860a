using Kmaplab.Scheduler.Scenarios;
using Kmaplab.Scheduler.Schedules;
using Kmaplab.Scheduler.Simulation.Hardware;

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
    public void A_schedule_never_takes_the_place_of_another_and_keeps_its_name_when_it_is_saved_again()
    {
        var small = new Schedule { Scenario = "churn", Transitions = [Transition.Step(1)] };
        Schedule large = small with { Size = new ScenarioSize { Tasks = 3 } };

        string first = ScheduleFile.SaveNew(_folder, "churn", small);
        string second = ScheduleFile.SaveNew(_folder, "churn", large);

        Assert.Equal([first, second], [ScheduleFile.SaveNew(_folder, "churn", small), ScheduleFile.SaveNew(_folder, "churn", large)]);
        Assert.True(ScheduleGen.Same(small, ScheduleFile.Load(first)));
        Assert.True(ScheduleGen.Same(large, ScheduleFile.Load(second)));
        Assert.Equal(2, Directory.GetFileSystemEntries(_folder).Length);
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
