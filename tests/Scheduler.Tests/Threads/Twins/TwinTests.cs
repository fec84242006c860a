using System.Reflection;
using Kmaplab.Scheduler.Coroutines;
using Kmaplab.Scheduler.Kernel;
using Kmaplab.Scheduler.Simulation.Running;
using Kmaplab.Scheduler.Tests.Machines;
using Kmaplab.Scheduler.Threads;
using Kmaplab.Scheduler.Threads.Tasks;
using BareKernel = Kmaplab.Scheduler.Threads.ThreadKernel<Kmaplab.Scheduler.Threads.Tasks.BareMode>;
using CheckedKernel = Kmaplab.Scheduler.Threads.ThreadKernel<Kmaplab.Scheduler.Threads.Tasks.CheckedMode>;

namespace Kmaplab.Scheduler.Tests.Threads.Twins;

/// <summary>A plain twin does what its function does; who has none runs as what it is.</summary>
public sealed class TwinTests
{
    private const BindingFlags All = BindingFlags.Instance | BindingFlags.Static | BindingFlags.Public
        | BindingFlags.NonPublic | BindingFlags.DeclaredOnly;

    [Fact]
    public void A_twin_does_the_same_in_the_same_order()
    {
        List<string> functions = WithChecks(boot => new TwinSamples<CheckedKernel>(boot));

        Assert.Equal(functions, Bare(boot => new TwinSamples<BareKernel>(boot)));
        Assert.Contains("caught tried with 2", functions);
    }

    [Fact]
    public void A_twin_calls_the_twins_that_override_its_own()
    {
        List<string> functions = WithChecks(boot => new OverridingSamples<CheckedKernel>(boot));

        Assert.Equal(functions, Bare(boot => new OverridingSamples<BareKernel>(boot)));
        Assert.Contains("overridden 1", functions);
    }

    [Fact]
    public void An_override_without_twin_is_not_gone_past()
    {
        List<string> functions = WithChecks(boot => new OtherSamples<CheckedKernel>(boot));

        Assert.Equal(functions, Bare(boot => new OtherSamples<BareKernel>(boot)));
        Assert.Contains("other 1", functions);
    }

    [Fact]
    public void An_object_of_a_class_without_twins_is_called_as_it_is_by_a_twin_of_another()
    {
        List<string> functions = WithChecks(With<CheckedKernel>(boot => new OtherSamples<CheckedKernel>(boot)));

        Assert.Equal(functions, Bare(With<BareKernel>(boot => new OtherSamples<BareKernel>(boot))));
        Assert.Contains("other 20", functions);
        Assert.Equal(
            WithChecks(With<CheckedKernel>(boot => new SameSamples<CheckedKernel>(boot))),
            Bare(With<BareKernel>(boot => new SameSamples<BareKernel>(boot))));
    }

    [Fact]
    public void Twins_run_on_threads_without_checks_and_only_there()
    {
        AskingSamples<BareKernel> bare = null!;
        AskingSamples<CheckedKernel> withChecks = null!;
        AskingSamples<SimulatedKernel> simulated = null!;
        Bare(boot => bare = new AskingSamples<BareKernel>(boot));
        WithChecks(boot => withChecks = new AskingSamples<CheckedKernel>(boot));
        SmallMachine.Boot(1, boot =>
        {
            simulated = new AskingSamples<SimulatedKernel>(boot);
            boot.Spawn("yield", async () => await simulated.Yield(1));
        }).Started().RunToEnd();

        Assert.Equal((true, false, false), (bare.WasTwin, withChecks.WasTwin, simulated.WasTwin));
    }

    [Fact]
    public void What_is_not_known_to_mean_the_same_without_await_has_no_twin()
    {
        Type type = typeof(TwinSamples<>);
        string[] functions =
        [
            .. type.GetMethods(All)
                .Where(method => method.ReturnType.Name.StartsWith(nameof(KernelTask), StringComparison.Ordinal))
                .Where(method => !method.Name.StartsWith('<')) // Local functions.
                .Select(method => method.Name),
        ];

        Assert.Equal(
            ["Filtered", "ForItsCaller"],
            functions.Where(name => type.GetMethod(name + "AtOnce", All) is null).Order(StringComparer.Ordinal));
        Assert.Null(typeof(OtherSamples<>).GetMethod("YieldAtOnce", All));
    }

    [Fact]
    public void Twins_that_call_each_other_without_end_are_refused_before_the_stack_is_full()
    {
        var thrown = Assert.Throws<KernelMisuseException>(() => Bare(boot => new EndlessSamples<BareKernel>(boot)));

        Assert.Contains("call each other without end", thrown.Message, StringComparison.Ordinal);
    }

    private static Func<IKernelBoot<TKernel>, TwinSamples<TKernel>> With<TKernel>(
        Func<IKernelBoot<TKernel>, TwinSamples<TKernel>> other)
        where TKernel : struct, IKernel => boot =>
    {
        TwinSamples<TKernel> another = other(boot);
        return new TwinSamples<TKernel>(boot) { Said = another.Said, Other = another };
    };

    // With checks the functions themselves run.
    private static List<string> WithChecks(Func<IKernelBoot<CheckedKernel>, TwinSamples<CheckedKernel>> create) =>
        Run(create);

    private static List<string> Bare(Func<IKernelBoot<BareKernel>, TwinSamples<BareKernel>> create) => Run(create);

    private static List<string> Run<TMode>(
        Func<IKernelBoot<ThreadKernel<TMode>>, TwinSamples<ThreadKernel<TMode>>> create)
        where TMode : struct, IThreadMode
    {
        TwinSamples<ThreadKernel<TMode>> samples = null!;
        using ThreadMachine machine = ThreadMachine.Boot<TMode>(new ThreadOptions(), boot =>
        {
            samples = create(boot);
            boot.Spawn("all", samples.All);
        });
        ThreadRun run = machine.Finish();
        Assert.Null(run.Finding);
        return samples.Said;
    }
}
