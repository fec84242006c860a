using Kmaplab.Scheduler.Coroutines;
using Kmaplab.Scheduler.Detection;
using Kmaplab.Scheduler.Exploration;
using Kmaplab.Scheduler.Kernel;
using Kmaplab.Scheduler.Simulation;
using Kmaplab.Scheduler.Simulation.Hardware;
using Kmaplab.Scheduler.Simulation.Memory;
using Kmaplab.Scheduler.Simulation.Operations;
using Kmaplab.Scheduler.Simulation.Running;
using Kmaplab.Scheduler.Tests.Machines;

namespace Kmaplab.Scheduler.Tests.Exploration.Strategies;

/// <summary>A program, and how often strategies show something in it.</summary>
/// <param name="Image">The machine.</param>
/// <param name="Shows">Whether an execution that has ended shows it.</param>
[KernelObject]
internal sealed record SampleProgram(MachineImage Image, Func<Machine, bool> Shows)
{
    /// <summary>The share of some executions that show it.</summary>
    internal double Rate(SearchStrategy strategy, int executions)
    {
        var machine = new Machine(Image);
        var execution = new Execution(machine, stepsMax: 1000);
        int shown = 0;
        for (int number = 1; number <= executions; number++)
        {
            execution.Run(strategy, number);
            shown += Shows(machine) ? 1 : 0;
        }

        return (double)shown / executions;
    }

    /// <summary>
    /// The exact share of a random walk: of each state the mean of its successors, each of which is equally likely.
    /// </summary>
    internal double RandomWalk()
    {
        Machine machine = Image.Started(copyOnResume: true);
        var known = new Dictionary<UInt128, double>();
        return Odds();

        double Odds()
        {
            UInt128 state = machine.StateHash();
            if (known.TryGetValue(state, out double odds))
                return odds;

            Transition[] enabled = [.. machine.Enabled()];
            if (enabled.Length == 0)
                return Shows(machine) ? 1 : 0;

            var here = new SavedState(machine);
            double sum = 0;
            foreach (Transition transition in enabled)
            {
                here.Restore();
                machine.Perform(transition);
                sum += Odds();
            }

            return known[state] = sum / enabled.Length;
        }
    }
}

/// <summary>Programs of which it is known how often random schedules show something.</summary>
[KernelObject]
internal static class SamplePrograms
{
    private static readonly MachineOptions s_everyStep = new() { Points = SchedulingPoints.All };

    /// <summary>
    /// Task 0 looks whether something has happened and goes to sleep; task 1 makes it happen, and wakes who sleeps:
    /// too early if it looks between.
    /// </summary>
    internal static SampleProgram LostWakeup()
    {
        const int Sleeping = 1;
        Shared<SimulatedKernel> happened = default;
        Shared<SimulatedKernel> state = default;
        return new SampleProgram(
            SmallMachine.Boot(2, boot =>
            {
                happened = Shared<SimulatedKernel>.Create(boot, "happened", guard: -1);
                state = Shared<SimulatedKernel>.Create(boot, "state", guard: -1);
                boot.Spawn("sleeper", Sleep);
                boot.Spawn("waker", Wake);
            }),
            machine => machine.Tasks.Status(0) != ContextStatus.Finished);

        async KernelTask Sleep()
        {
            int seen = await happened.ReadOnce();
            if (seen != 0)
                return;

            await state.WriteOnce(Sleeping);
            await state.Await(0);
        }

        async KernelTask Wake()
        {
            await happened.WriteOnce(1);
            int seen = await state.ReadOnce();
            if (seen == Sleeping)
                await state.WriteOnce(0);
        }
    }

    /// <summary>Three philosophers who take the left fork and then the right one: all can have a left one.</summary>
    internal static SampleProgram Philosophers()
    {
        var forks = new SpinLock<SimulatedKernel>[3];
        return new SampleProgram(
            SmallMachine.Boot(
                3,
                boot =>
                {
                    for (int i = 0; i < 3; i++)
                        forks[i] = SpinLock<SimulatedKernel>.Create(boot, $"fork{i}");

                    for (int i = 0; i < 3; i++)
                        Spawn(boot, i);
                },
                s_everyStep),
            machine => machine.Tasks.Status(0) != ContextStatus.Finished);

        void Spawn(MachineBuilder boot, int philosopher) =>
            boot.Spawn("philosopher", () => Eat(forks[philosopher], forks[(philosopher + 1) % 3]));

        async KernelTask Eat(SpinLock<SimulatedKernel> left, SpinLock<SimulatedKernel> right)
        {
            await left.Acquire();
            await right.Acquire();
            await right.Release();
            await left.Release();
        }
    }

    /// <summary>
    /// Setters store to a and then to b; a checker reads a and then b, and sees only one of the two stores.
    /// </summary>
    internal static SampleProgram Reorder(int setters)
    {
        Shared<SimulatedKernel> a = default;
        Shared<SimulatedKernel> b = default;
        Shared<SimulatedKernel> isTorn = default;
        return new SampleProgram(
            SmallMachine.Boot(setters + 1, boot =>
            {
                a = Shared<SimulatedKernel>.Create(boot, "a", guard: -1);
                b = Shared<SimulatedKernel>.Create(boot, "b", guard: -1);
                isTorn = Shared<SimulatedKernel>.Create(boot, "is_torn", guard: -1, role: RegionRole.Bookkeeping);
                for (int i = 0; i < setters; i++)
                    boot.Spawn("setter", Set);

                boot.Spawn("checker", Check);
            }),
            _ => isTorn.Peek != 0);

        async KernelTask Set()
        {
            await a.WriteOnce(1);
            await b.WriteOnce(1);
        }

        async KernelTask Check()
        {
            int first = await a.ReadOnce();
            int second = await b.ReadOnce();
            isTorn.Value = first != second ? 1 : 0;
        }
    }

    /// <summary>Task 0 makes 21 steps and task 1 one, elsewhere, which comes last.</summary>
    internal static SampleProgram LongRun()
    {
        Shared<SimulatedKernel> counter = default;
        Shared<SimulatedKernel> other = default;
        Shared<SimulatedKernel> seen = default;
        return new SampleProgram(
            SmallMachine.Boot(2, boot =>
            {
                counter = Shared<SimulatedKernel>.Create(boot, "counter", guard: -1);
                other = Shared<SimulatedKernel>.Create(boot, "other", guard: -1);
                seen = Shared<SimulatedKernel>.Create(boot, "seen", guard: -1, role: RegionRole.Bookkeeping);
                boot.Spawn("runner", Run);
                boot.Spawn("last", Look);
            }),
            _ => seen.Peek == 21);

        async KernelTask Run()
        {
            for (int i = 0; i < 21; i++)
                await counter.FetchAdd(1);
        }

        async KernelTask Look()
        {
            await other.FetchAdd(1);
            seen.Value = counter.Peek; // As it was when the step came.
        }
    }

    /// <summary>
    /// Two tasks that must take turns, each so many times: whoever comes out of turn falls, and the other with it.
    /// </summary>
    internal static SampleProgram Ladder(int rounds, bool fails = false)
    {
        Shared<SimulatedKernel> height = default;
        Shared<SimulatedKernel> top = default;
        return new SampleProgram(
            SmallMachine.Boot(2, boot =>
            {
                height = Shared<SimulatedKernel>.Create(boot, "height", guard: -1);
                top = Shared<SimulatedKernel>.Create(boot, "top", guard: -1, role: RegionRole.Bookkeeping);
                boot.Spawn("first", () => Climb(0));
                boot.Spawn("second", () => Climb(1));
            }),
            _ => top.Peek != 0);

        async KernelTask Climb(int turn)
        {
            for (int round = 0; round < rounds; round++)
            {
                int seen = await height.FetchAdd(1);
                if (seen != (2 * round) + turn)
                    return;
            }

            if (turn == 0)
                return;

            top.Value = 1;
            if (fails)
                default(SimulatedKernel).Fail(FailureClass.Assertion, "at the top");
        }
    }

    /// <summary>
    /// The same, but whoever comes out of turn leaves the height as it is; and a third task that nobody waits for.
    /// </summary>
    internal static SampleProgram Stair(int rounds)
    {
        Shared<SimulatedKernel> height = default;
        Shared<SimulatedKernel> other = default;
        return new SampleProgram(
            SmallMachine.Boot(3, boot =>
            {
                height = Shared<SimulatedKernel>.Create(boot, "height", guard: -1);
                other = Shared<SimulatedKernel>.Create(boot, "other", guard: -1);
                boot.Spawn("first", () => Climb(0));
                boot.Spawn("second", () => Climb(1));
                boot.Spawn("reader", Read);
            }),
            _ => height.Peek == 2 * rounds);

        async KernelTask Climb(int turn)
        {
            for (int round = 0; round < rounds; round++)
            {
                int next = (2 * round) + turn;
                if (!await height.CompareExchange(next, next + 1))
                    return;
            }
        }

        async KernelTask Read()
        {
            for (int i = 0; i < 4 * rounds; i++)
                await other.ReadOnce();
        }
    }

    /// <summary>
    /// Tasks that write to the same word; two that do so three times each have 20 interleavings, none like another.
    /// </summary>
    internal static MachineImage Writers(int tasks = 2, int writes = 3)
    {
        Shared<SimulatedKernel> word = default;
        return SmallMachine.Boot(tasks, boot =>
        {
            word = Shared<SimulatedKernel>.Create(boot, "word", guard: -1);
            for (int task = 0; task < tasks; task++)
                boot.Spawn("writer", Write);
        });

        async KernelTask Write()
        {
            for (int i = 0; i < writes; i++)
                await word.WriteOnce(i);
        }
    }
}
