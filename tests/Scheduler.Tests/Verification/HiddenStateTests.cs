using Kmaplab.Scheduler.Coroutines;
using Kmaplab.Scheduler.Detection;
using Kmaplab.Scheduler.Kernel;
using Kmaplab.Scheduler.Simulation;
using Kmaplab.Scheduler.Simulation.Memo;
using Kmaplab.Scheduler.Simulation.Running;
using Kmaplab.Scheduler.Tests.Machines;
using Kmaplab.Scheduler.Verification;

namespace Kmaplab.Scheduler.Tests.Verification;

/// <summary>State that tasks share in objects of the framework, whose fields nobody has listed.</summary>
public sealed class HiddenStateTests
{
    [Theory]
    [InlineData(Place.Lazy, true)]
    [InlineData(Place.Lazy, false)]
    [InlineData(Place.Stream, true)]
    [InlineData(Place.Stream, false)]
    [InlineData(Place.Local, true)]
    [InlineData(Place.Local, false)]
    [InlineData(Place.Weak, true)]
    [InlineData(Place.Weak, false)]
    public void State_in_an_object_of_the_framework_is_no_proof(Place place, bool looksUp)
    {
        VerificationReport report = new Verifier(
            Boot(place),
            new VerifierOptions { Memo = looksUp ? new MemoOptions() : null }
        )
        {
            Boot = () => Boot(place),
        }.Run(TestContext.Current.CancellationToken);

        Assert.Equal(FailureClass.Nondeterminism, report.Counterexample?.Finding.Class);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void An_object_that_a_task_makes_for_itself_is_no_proof_and_no_mistake_of_the_search(bool looksUp)
    {
        VerificationReport report = new Verifier(
            BootNotes(),
            new VerifierOptions { Memo = looksUp ? new MemoOptions() : null }
        )
        {
            Boot = BootNotes,
        }.Run(TestContext.Current.CancellationToken);

        Assert.Equal(FailureClass.Nondeterminism, report.Counterexample?.Finding.Class);
    }

    /// <summary>Whoever copied an object with its finalizer would give back what the object still has.</summary>
    [Fact]
    public void To_watch_an_object_does_not_end_it()
    {
        for (int i = 0; i < 3; i++)
        {
            Boot(Place.Local);
            GC.Collect();
            GC.WaitForPendingFinalizers();
            using var one = new System.Threading.ThreadLocal<int>();
            using var other = new System.Threading.ThreadLocal<int>();
            one.Value = 1;
            Assert.Equal(0, other.Value);
        }
    }

    public enum Place
    {
        Lazy,
        Stream,
        Local,
        Weak,
    }

    private static MachineImage BootNotes() => SmallMachine.Boot(2, boot =>
    {
        var noted = new Noted(boot.Kernel, Shared<SimulatedKernel>.Create(boot, "word", Protection.Marked));
        boot.Spawn("test", noted.Run);
        boot.Spawn("test", noted.Count);
    });

    private static MachineImage Boot(Place place) => SmallMachine.Boot(2, boot =>
    {
        var word = Shared<SimulatedKernel>.Create(boot, "word", Protection.Marked);
        var program = new Program(word, First(place));
        boot.Spawn("test", program.Run);
        boot.Spawn("test", program.Run);
    });

    private static Func<bool> First(Place place)
    {
        var lazy = new Lazy<int>(() => 1);
        var stream = new MemoryStream(new byte[64]);
        var local = new System.Threading.ThreadLocal<int>();
        var weak = new WeakReference<object>(stream);
        return place switch
        {
            Place.Lazy => () => !lazy.IsValueCreated & lazy.Value == 1,
            Place.Stream => () => stream.Position++ == 0,
            Place.Local => () => local.Value++ == 0,
            _ => () => IsFirst(weak),
        };
    }

    private static bool IsFirst(WeakReference<object> weak)
    {
        bool isFirst = weak.TryGetTarget(out object? target) && target is MemoryStream;
        weak.SetTarget("seen");
        return isFirst;
    }

    [KernelObject]
    private sealed class Program(Shared<SimulatedKernel> word, Func<bool> isFirst)
    {
        internal async KernelTask Run()
        {
            await word.FetchAdd(1);
            if (isFirst())
                await word.FetchAdd(1);

            await word.FetchAdd(1);
        }
    }

    [KernelObject]
    private sealed class Note
    {
        internal int Value { get; set; }
    }

    /// <summary>A task that remembers in an object of its own that the other one came between.</summary>
    [KernelObject]
    private sealed class Noted(SimulatedKernel kernel, Shared<SimulatedKernel> word)
    {
        internal async KernelTask Run()
        {
            var note = new Note();
            await word.FetchAdd(1);
            int seen = await word.ReadOnce();
            note.Value = seen == 2 ? 1 : note.Value;
            await word.WriteOnce(0);
            await word.WriteOnce(0);
            if (note.Value == 1)
                kernel.Fail(FailureClass.Assertion, "somebody came between");
        }

        internal async KernelTask Count() => await word.FetchAdd(1);
    }
}
