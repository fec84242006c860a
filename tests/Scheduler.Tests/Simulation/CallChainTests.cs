using Kmaplab.Scheduler.Coroutines;
using Kmaplab.Scheduler.Detection;
using Kmaplab.Scheduler.Kernel;
using Kmaplab.Scheduler.Simulation;
using Kmaplab.Scheduler.Simulation.Memory;
using Kmaplab.Scheduler.Simulation.Running;
using Kmaplab.Scheduler.Tests.Machines;

namespace Kmaplab.Scheduler.Tests.Simulation;

/// <summary>
/// A failure names the task and the kernel functions that it was in, innermost first, as an oops does.
/// </summary>
public sealed class CallChainTests
{
    private SimulatedKernel _kernel;
    private Shared<SimulatedKernel> _word;

    [Theory]
    [InlineData(0)] // Every caller is still on the real stack.
    [InlineData(1)] // Every caller is in a frame.
    [InlineData(3)]
    public void A_bug_names_all_callers_wherever_they_are(int stops)
    {
        Machine machine = Boot(KmapHigh, () => KunmapHigh(stops));
        machine.RunAlone(1);
        machine.Finding.AssertFound(
            FailureClass.BugOn,
            "kernel BUG at slot_of:range in task 1\n  in slot_of <- unmap_slot <- kunmap_high");
        Assert.Equal(ContextStatus.Dead, machine.Tasks.Status(1));
    }

    [Fact]
    public void A_bug_in_a_function_called_after_a_stop_names_callers_on_both_stacks()
    {
        Machine machine = Boot(KmapHigh);
        machine.RunAlone(0);
        machine.Finding.AssertFound(FailureClass.BugOn, "in task 0\n  in slot_of <- unmap_slot <- kmap_high");
    }

    [Fact]
    public void A_suspended_task_has_a_call_chain()
    {
        Machine machine = Boot(() => KunmapHigh(1));
        Assert.Equal(["slot_of", "unmap_slot", "kunmap_high"], machine.CallChain(0).Take(3));
    }

    [Fact]
    public void A_dead_task_keeps_others_from_nothing_but_what_it_holds()
    {
        Machine machine = Boot(() => KunmapHigh(0), async () => await _word.WriteOnce(1));
        machine.RunAlone(0, 1);
        Assert.Equal(ContextStatus.Dead, machine.Tasks.Status(0));
        Assert.Equal(ContextStatus.Finished, machine.Tasks.Status(1));
    }

    [Fact]
    public void An_endless_loop_without_a_scheduling_point_is_a_livelock()
    {
        Machine machine = Boot(async () =>
        {
            await _word.ReadOnce();
            while (true)
                _kernel.LoopTurn();
        });
        machine.RunToEnd().Finding.AssertFound(FailureClass.Livelock, "turned 1000 times in one step, in task 0");
    }

    [Fact]
    public void An_index_out_of_range_is_an_oops_of_the_task()
    {
        Machine machine = Boot(async () =>
        {
            await _word.ReadOnce();
            await _word.WriteOnce(ElementAt(_word.Peek + 1));
        });
        machine.RunToEnd().Finding.AssertFound(FailureClass.BugOn, "Oops in task 0");
    }

    [Fact]
    public void Any_exception_of_kernel_code_is_a_finding()
    {
        Machine machine = Boot(async () =>
        {
            await _word.ReadOnce();
            throw new NotSupportedException("mistake");
        });
        machine.RunToEnd();

        Assert.Equal(FailureClass.BugOn, machine.Finding?.Class);
        Assert.StartsWith(
            "NotSupportedException in task 0: mistake",
            machine.Finding!.Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public void A_lambda_goes_by_the_name_of_its_task_wherever_its_frame_is()
    {
        Machine machine = Boot(
            async () =>
            {
                await _word.ReadOnce();
                _kernel.Fail(FailureClass.Assertion, "mistake");
                await _word.ReadOnce();
            },
            async () => await KunmapHigh(3));

        Assert.Equal(["test"], machine.CallChain(0));
        Assert.Equal("test", machine.CallChain(1)[^1]);
        machine.Step(0);
        machine.Finding.AssertFound(FailureClass.Assertion, "mistake, in task 0\n  in test");
    }

    [Fact]
    public void A_lambda_that_throws_goes_by_the_name_of_its_task()
    {
        Machine machine = Boot(async () =>
        {
            await _word.ReadOnce();
            throw new NotSupportedException("mistake");
        });
        machine.RunToEnd().Finding.AssertFound(FailureClass.BugOn, "in task 0: mistake\n  in test");
    }

    [Fact]
    public void A_piece_of_a_function_goes_by_its_name_wherever_its_frame_is_and_whoever_overrides_it()
    {
        Assert.Equal(["map_new_virtual", "test"], ChainOf(new Hooks(this)));
        Assert.Equal(["map_new_virtual", "test"], ChainOf(new Variant(this)));
    }

    [Fact]
    public void A_piece_that_names_its_function_stands_for_it_even_if_that_has_no_frame_of_its_own() =>
        Assert.Equal(["set_page_address", "test"], ChainOf(new Hooks(this), hooks => hooks.AddPageAddress(_word)));

    [Fact]
    public void A_piece_that_nobody_calls_goes_by_its_own_name() =>
        Assert.Equal(["sleep_for_slot"], ChainOf(new Hooks(this), hooks => hooks.SleepForSlot(_word), isLambda: false));

    [Fact]
    public void A_function_that_calls_itself_is_named_as_often() =>
        Assert.Equal(["hold", "hold", "hold", "test"], ChainOf(new Hooks(this), hooks => hooks.Hold(_word, 2)));

    private IReadOnlyList<string> ChainOf(Hooks hooks, Func<Hooks, KernelTask>? call = null, bool isLambda = true)
    {
        call ??= hooks => hooks.MapNewVirtual(_word);
        Machine machine = isLambda ? Boot(async () => await call(hooks)) : Boot(() => call(hooks));
        machine.Step(0); // Once on the real stack, then in frames.
        machine.Finding.AssertFound(FailureClass.Assertion, $"in {string.Join(" <- ", machine.CallChain(0))}");
        return machine.CallChain(0);
    }

    /// <summary>Functions in pieces, each of which fails on the way and then stops.</summary>
    [KernelObject]
    private class Hooks(CallChainTests test)
    {
        internal async KernelTask MapNewVirtual(Shared<SimulatedKernel> word) => await SleepForSlot(word);

        [PartOf]
        internal virtual async KernelTask SleepForSlot(Shared<SimulatedKernel> word) => await FailAt(word);

        [PartOf("set_page_address")]
        internal async KernelTask AddPageAddress(Shared<SimulatedKernel> word) => await FailAt(word);

        internal async KernelTask Hold(Shared<SimulatedKernel> word, int more)
        {
            if (more > 0)
                await Hold(word, more - 1);
            else
                await FailAt(word);
        }

        [PartOf]
        private protected async KernelTask FailAt(Shared<SimulatedKernel> word)
        {
            await word.ReadOnce();
            test._kernel.Fail(FailureClass.Assertion, "mistake");
            await word.ReadOnce();
        }
    }

    private sealed class Variant(CallChainTests test) : Hooks(test)
    {
        internal override async KernelTask SleepForSlot(Shared<SimulatedKernel> word)
        {
            await FailAt(word);
            await word.ReadOnce();
        }
    }

    private Machine Boot(params Func<KernelTask>[] bodies) => SmallMachine.Boot(
        bodies.Length,
        boot =>
        {
            _kernel = boot.Kernel;
            _word = Shared<SimulatedKernel>.Create(boot, "word", guard: -1);
            foreach (Func<KernelTask> body in bodies)
                boot.Spawn("test", body);
        },
        new MachineOptions { LoopTurnsMax = 1000 }).Started();

    private static int ElementAt(int index) => ((int[])[1])[index];

    private async KernelTask KmapHigh()
    {
        await _word.ReadOnce();
        await UnmapSlot(0);
    }

    private async KernelTask KunmapHigh(int stops) => await UnmapSlot(stops);

    private async KernelTask<int> UnmapSlot(int stops)
    {
        int slot = await SlotOf(stops);
        return slot + 1;
    }

    private async KernelTask<int> SlotOf(int stops)
    {
        for (int i = 0; i < stops; i++)
            await _word.ReadOnce();

        _kernel.Bug("slot_of:range");
        return 0;
    }
}
