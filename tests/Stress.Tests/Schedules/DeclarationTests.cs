using Kmaplab.Scheduler.Detection;
using Kmaplab.Scheduler.Kernel;
using Kmaplab.Scheduler.Scenarios;
using Kmaplab.Scheduler.Settings;

namespace Kmaplab.Stress.Tests.Schedules;

/// <summary>What a scenario may declare, and what it gets.</summary>
public sealed class DeclarationTests
{
    [Fact]
    public void Parameters_are_the_sizes_that_are_used_then_those_of_the_family_then_its_own_by_name()
    {
        ScenarioParameters parameters = Of(typeof(Heir<>), SizeParts.Cpus | SizeParts.Tasks);

        Assert.Equal(
            ["tasks", "cpus", "strict", "height", "width"],
            parameters.Taken.Select(parameter => parameter.Name));
        Assert.Equal("tasks=2 cpus=0 strict=no height=0 width=3", parameters.Settle(new SizeRequest()).ToString());
    }

    [Theory]
    [InlineData(typeof(Twice<>), "'width' is declared twice")]
    [InlineData(typeof(OfASize<>), "'tasks' is a size: let [Scenario] say that it is used, and its usual value")]
    [InlineData(typeof(Nameless<>), "'Width in mm' is no name: names are made of a-z, 0-9 and -")]
    [InlineData(typeof(OutOfRange<>), "the default of 'width', 3 is impossible: it takes 4 to 8")]
    [InlineData(typeof(NoPower<>), "the default of 'width', 3 is no power of two (1, 2, 4)")]
    [InlineData(typeof(OtherKind<>), "'tasks' is a size of another kind")]
    public void A_declaration_that_cannot_be_is_refused_when_its_module_is_loaded(Type definition, string problem)
    {
        var refusal = Assert.Throws<UsageException>(() => Of(definition, SizeParts.None));

        Assert.EndsWith($" declares a parameter wrongly: {problem}", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_declaration_that_throws_is_told_in_one_line()
    {
        var refusal = Assert.Throws<UsageException>(() => Of(typeof(Throws<>), SizeParts.None));

        Assert.EndsWith(
            ": an attribute that declares its parameters throws InvalidOperationException: no file",
            refusal.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("depth", "the scenario asks for its parameter 'depth' and declares tasks, strict, height, width")]
    [InlineData("strict", "the scenario asks for its parameter 'strict' as a number, and it is 'no'")]
    public void A_scenario_that_asks_for_what_it_has_not_declared_is_refused(string name, string message)
    {
        Parameters parameters = Of(typeof(Heir<>), SizeParts.Tasks).Settle(new SizeRequest());

        Assert.Equal(3, parameters.Int("width"));
        Assert.Equal(message, Assert.Throws<UsageException>(() => parameters.Int(name)).Message);
    }

    [Fact]
    public void A_size_that_is_ignored_may_be_anything_that_is_possible_and_what_is_set_must_be_taken()
    {
        ScenarioParameters parameters = Of(typeof(Heir<>), SizeParts.None);

        Assert.Equal(
            "strict=no height=0 width=3",
            parameters.Settle(new SizeRequest { Tasks = 9, Rounds = -1 }).ToString());
        Assert.Throws<UsageException>(() => parameters.Settle(new SizeRequest { Tasks = 0 }));
        Assert.Throws<UsageException>(() =>
            parameters.Settle(new SizeRequest().And(ParameterSetting.OfSet("tasks", "9"))));
    }

    [Theory]
    [InlineData(0, 1, 1, "Tasks = 0 is impossible: it takes 1 to 65536")]
    [InlineData(2, 65, 1, "Depth = 65 is impossible: it takes 1 to 64")]
    [InlineData(2, 1, 3, "Tasks = 2 is impossible: it takes 3 to 65536")]
    public void Usual_sizes_that_are_impossible_are_told_with_the_class_that_says_them(
        int tasks, int depth, int tasksMin, string problem)
    {
        var scenario = new ScenarioAttribute("sample", "")
        {
            Uses = SizeParts.Tasks | SizeParts.Depth | SizeParts.Pages | SizeParts.Cpus,
            Tasks = tasks,
            Depth = depth,
            TasksMin = tasksMin,
        };

        var refusal = Assert.Throws<UsageException>(
            () => ScenarioParameters.Of(scenario, typeof(Heir<>)).Settle(new SizeRequest()));

        Assert.Equal(
            $"[Scenario] of {typeof(Heir<>).FullName} in {typeof(Heir<>).Assembly.GetName().Name} says something "
            + $"impossible: {problem}",
            refusal.Message);
    }

    private static ScenarioParameters Of(Type definition, SizeParts uses) =>
        ScenarioParameters.Of(new ScenarioAttribute("sample", "") { Uses = uses }, definition);

    private abstract class Sample<TKernel> : Scenario<TKernel>
        where TKernel : struct, IKernel
    {
        public override void Boot(IKernelBoot<TKernel> boot, ScenarioSize size) => throw new NotSupportedException();
    }

    [AttributeUsage(AttributeTargets.Class)]
    private sealed class StrictAttribute : Attribute, IDeclaresParameters
    {
        public IReadOnlyList<Parameter> Parameters => [new SwitchParameter("strict", "Whether it is")];
    }

    [AttributeUsage(AttributeTargets.Class)]
    private sealed class BusyAttribute : Attribute, IDeclaresParameters
    {
        public IReadOnlyList<Parameter> Parameters => [new SwitchParameter("tasks", "Whether there are any")];
    }

    [AttributeUsage(AttributeTargets.Class)]
    private sealed class BrokenAttribute : Attribute, IDeclaresParameters
    {
        public IReadOnlyList<Parameter> Parameters => throw new InvalidOperationException("no file");
    }

    [Busy]
    private sealed class OtherKind<TKernel> : Sample<TKernel>
        where TKernel : struct, IKernel;

    [Broken]
    private sealed class Throws<TKernel> : Sample<TKernel>
        where TKernel : struct, IKernel;

    [Strict]
    [Parameter("width", Min = 1, Max = 8, Default = 3)]
    private abstract class Family<TKernel> : Sample<TKernel>
        where TKernel : struct, IKernel;

    [Parameter("height")]
    private sealed class Heir<TKernel> : Family<TKernel>
        where TKernel : struct, IKernel;

    [Parameter("width")]
    private sealed class Twice<TKernel> : Family<TKernel>
        where TKernel : struct, IKernel;

    [Parameter("tasks")]
    private sealed class OfASize<TKernel> : Sample<TKernel>
        where TKernel : struct, IKernel;

    [Parameter("Width in mm")]
    private sealed class Nameless<TKernel> : Sample<TKernel>
        where TKernel : struct, IKernel;

    [Parameter("width", Min = 4, Max = 8, Default = 3)]
    private sealed class OutOfRange<TKernel> : Sample<TKernel>
        where TKernel : struct, IKernel;

    [Parameter("width", Min = 1, Max = 4, Default = 3, PowerOfTwo = true)]
    private sealed class NoPower<TKernel> : Sample<TKernel>
        where TKernel : struct, IKernel;
}
