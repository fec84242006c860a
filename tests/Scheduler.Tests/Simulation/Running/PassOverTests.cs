using Kmaplab.Scheduler.Detection;
using Kmaplab.Scheduler.Kernel;
using Kmaplab.Scheduler.Simulation;
using Kmaplab.Scheduler.Simulation.Hardware;
using Kmaplab.Scheduler.Simulation.Operations;
using Kmaplab.Scheduler.Simulation.Running;
using Kmaplab.Scheduler.Tests.Machines;

namespace Kmaplab.Scheduler.Tests.Simulation.Running;

/// <summary>Words in a row that a loop need not look at one by one.</summary>
public sealed class PassOverTests
{
    private const int Words = 40;
    private const int Wanted = 30; // The place of the value that is looked for.

    [Theory]
    [InlineData(0, Words, Wanted)]
    [InlineData(10, Words - 10, Wanted - 10)]
    [InlineData(0, Wanted, Wanted)]
    [InlineData(Wanted, 5, 0)]
    [InlineData(Wanted + 1, Words - Wanted - 1, Words - Wanted - 1)]
    [InlineData(Words, 0, 0)]
    [InlineData(0, -1, 0)]
    public void As_many_are_passed_over_as_have_another_value(int start, int length, int expected) =>
        Assert.Equal(expected, Run(words => words.PassOver(start, length, value: 7)).Passed);

    [Fact]
    public void What_is_logged_is_what_a_look_at_each_would_have_touched()
    {
        int[] passed = Touched(words => words.PassOver(0, Words, value: 7));
        int[] seen = Touched(words =>
        {
            int place = 0;
            while (words[place] != 7)
                place++;

            return place;
        });

        Assert.Equal(seen, passed);
        Assert.InRange(passed.Length, Wanted + 1, Words);
    }

    [Fact]
    public void Without_the_lock_nothing_is_passed_over_so_that_the_access_is_seen()
    {
        (int passed, Machine machine) = Run(words => words.PassOver(0, Words, value: 7), locks: false);

        Assert.Equal(0, passed);
        Assert.Null(machine.Finding);
        (_, machine) = Run(words => words.PassOver(0, Words, value: 7) + words[0], locks: false);
        Assert.Equal(FailureClass.DataRace, machine.Finding?.Class);
    }

    [Fact]
    public void Nor_is_it_while_somebody_watches_each_access() =>
        Assert.Equal(0, Run(words => words.PassOver(0, Words, value: 7), observer: new Watcher()).Passed);

    [Theory]
    [InlineData(Protection.None)]
    [InlineData(Protection.Marked)]
    public void Nor_is_it_where_no_lock_guards_the_words(int guard) =>
        Assert.Equal(0, Run(words => words.PassOver(0, Words, value: 7), guard: guard).Passed);

    [Fact]
    public void A_row_that_does_not_end_within_the_array_is_refused()
    {
        (_, Machine machine) = Run(words => words.PassOver(1, Words, value: 7));
        Assert.NotNull(machine.Finding);
    }

    private static int[] Touched(Func<SharedArray<SimulatedKernel>, int> look)
    {
        int[] touched = [];
        Run(look, logs: true, after: machine => touched = machine.Touches!.Addresses.ToArray());
        return touched;
    }

    /// <summary>One task takes the lock, looks in the step that follows, and releases it.</summary>
    private static (int Passed, Machine Machine) Run(
        Func<SharedArray<SimulatedKernel>, int> look,
        bool locks = true,
        bool logs = false,
        int? guard = null,
        IMachineObserver? observer = null,
        Action<Machine>? after = null)
    {
        int passed = -1;
        MachineImage image = SmallMachine.Boot(1, boot =>
        {
            var spinLock = SpinLock<SimulatedKernel>.Create(boot, "lock");
            var words = SharedArray<SimulatedKernel>.Create(boot, "words", Words, guard ?? spinLock.Number);
            words.Poke(Wanted, 7);
            boot.Spawn("task", async () =>
            {
                await boot.Kernel.Choose(1);
                if (locks)
                    await spinLock.Acquire();

                passed = look(words);
                if (locks)
                    await spinLock.Release();
            });
        });
        var machine = new Machine(image, copyOnResume: false, logsTouches: logs) { Observer = observer };
        machine.Reset();
        machine.Perform(Transition.Choose(0, 0));
        if (locks)
        {
            machine.Touches?.Begin();
            machine.Perform(Transition.Step(0));
            machine.Touches?.End();
        }

        after?.Invoke(machine);
        return (passed, machine);
    }

    private sealed class Watcher : IMachineObserver
    {
        public void OnOperation(int context, in PerformedOperation operation)
        {
        }

        public void OnWoken(int task, bool slept)
        {
        }

        public void OnCount(KernelEvent what)
        {
        }

        public void OnOperationDone(int context)
        {
        }
    }
}
