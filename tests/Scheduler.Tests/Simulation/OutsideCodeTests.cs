using System.Reflection;
using CsCheck;
using Kmaplab.Scheduler.Simulation.Outside;
using Kmaplab.Scheduler.Simulation.Running;
using Kmaplab.Scheduler.Tests.Machines;

namespace Kmaplab.Scheduler.Tests.Simulation;

/// <summary>Classes whose static fields no object leads to are found in the code that names them.</summary>
public sealed class OutsideCodeTests
{
    [Theory]
    [InlineData(typeof(Box<bool>))]
    [InlineData(typeof(Box<string>))]
    [InlineData(typeof(Pair<SimulatedKernel, int>))]
    public void A_class_is_found_whatever_it_is_closed_over(Type type) =>
        Assert.Contains(
            type,
            OutsideCode.GenericTypesNamedIn(typeof(OutsideCodeTests).Assembly, typeof(SimulatedKernel)));

    [Fact]
    public void Those_that_no_code_names_are_not() =>
        Assert.DoesNotContain(
            typeof(Box<long>),
            OutsideCode.GenericTypesNamedIn(typeof(OutsideCodeTests).Assembly, typeof(SimulatedKernel)));

    [Fact]
    public void The_library_of_a_module_is_watched_and_those_of_the_framework_are_not()
    {
        Assert.True(OutsideTypes.IsModule(new AssemblyName("Helper")));
        Assert.DoesNotContain(
            OutsideCode.UsedBy(typeof(OutsideCodeTests).Assembly),
            used => used.GetName().Name!.StartsWith("System.", StringComparison.Ordinal));
    }

    [Fact]
    public void A_library_that_no_task_uses_is_not_watched_if_its_user_says_so()
    {
        var statics = new OutsideStatics(typeof(SimulatedKernel));

        Assert.Contains(typeof(PCG), statics.FieldsWith(typeof(PCG)).Select(field => field.DeclaringType));

        statics = new OutsideStatics(typeof(SimulatedKernel));
        Assert.NotEmpty(statics.FieldsWith(typeof(RandomProgram)));
        Assert.Empty(statics.FieldsWith(typeof(PCG)));
    }

    [Theory]
    [InlineData("Kmaplab.Scheduler", true)]
    [InlineData("CsCheck", false)]
    public void Whether_tasks_use_a_library_is_seen_in_their_code(string library, bool isUsed) =>
        Assert.Equal(isUsed, OutsideCode.TasksUse(typeof(OutsideCodeTests).Assembly, library));

    private static class Box<T>
    {
        internal static T? Value { get; set; }
    }

    private static class Pair<TOne, TOther>
    {
        internal static int Field;
    }

    /// <summary>Nobody calls it: it is looked at.</summary>
    private sealed class User<TKernel>
    {
        internal static bool Use()
        {
            Box<string>.Value = "";
            Pair<TKernel, int>.Field++;
            return Box<bool>.Value;
        }
    }
}
