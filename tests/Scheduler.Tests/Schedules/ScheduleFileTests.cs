using Kmaplab.Scheduler.Schedules;
using Kmaplab.Scheduler.Settings;
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

        ScheduleGen.Files.Save(path, schedule);
        ScheduleGen.Files.Save(path, schedule);

        Assert.True(ScheduleGen.Same(schedule, ScheduleGen.Files.Load(path)));
        Assert.Equal([path], Directory.GetFiles(_folder));
    }

    [Fact]
    public void A_schedule_never_takes_the_place_of_another_and_keeps_its_name_when_it_is_saved_again()
    {
        var small = new Schedule { Scenario = "churn", Transitions = [Transition.Step(1)] };
        Schedule large = small with { Parameters = new Parameters(new ParameterValue("tasks", "3")) };

        string first = ScheduleGen.Files.SaveNew(_folder, "churn", small);
        string second = ScheduleGen.Files.SaveNew(_folder, "churn", large);

        string[] again =
        [
            ScheduleGen.Files.SaveNew(_folder, "churn", small),
            ScheduleGen.Files.SaveNew(_folder, "churn", large),
        ];
        Assert.Equal([first, second], again);
        Assert.True(ScheduleGen.Same(small, ScheduleGen.Files.Load(first)));
        Assert.True(ScheduleGen.Same(large, ScheduleGen.Files.Load(second)));
        Assert.Equal(2, Directory.GetFileSystemEntries(_folder).Length);
    }

    [Fact]
    public void A_file_that_is_not_there_is_named()
    {
        var error = Assert.Throws<ScheduleFormatException>(() => ScheduleGen.Files.Load(Path.Combine(_folder, "none")));

        Assert.StartsWith("there is no file '", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_folder_is_no_schedule() =>
        Assert.Throws<ScheduleFormatException>(() => ScheduleGen.Files.Load(_folder));
}
