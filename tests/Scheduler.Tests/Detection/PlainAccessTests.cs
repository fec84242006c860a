using Kmaplab.Scheduler.Coroutines;
using Kmaplab.Scheduler.Detection;
using Kmaplab.Scheduler.Detectors;
using Kmaplab.Scheduler.Kernel;
using Kmaplab.Scheduler.Simulation;
using Kmaplab.Scheduler.Simulation.Running;
using Kmaplab.Scheduler.Verification;

namespace Kmaplab.Scheduler.Tests.Detection;

/// <summary>
/// Unmarked accesses of words that no lock guards: races are found, and what is ordered is left alone.
/// </summary>
[KernelObject]
public sealed class PlainAccessTests
{
    private SimulatedKernel _kernel;
    private SpinLock<SimulatedKernel> _lock;
    private Shared<SimulatedKernel> _word;
    private Shared<SimulatedKernel> _flag;
    private SharedArray<SimulatedKernel> _row;

    [Fact]
    public void Two_increments_without_a_lock_are_a_race_and_both_are_named()
    {
        Finding? finding = Verify(Increment, Increment);
        Assert.Equal(FailureClass.DataRace, finding?.Class);
        Assert.Contains("word", finding!.Message, StringComparison.Ordinal);
        Assert.Contains("task 0 in increment", finding.Message, StringComparison.Ordinal);
        Assert.Contains("task 1", finding.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_reader_beside_a_writer_is_a_race() => AssertRace(
        Write,
        async () =>
        {
            await _flag.FetchAdd(0);
            _ = _word.Value;
        });

    [Fact]
    public void A_peek_beside_a_poke_is_a_race() => AssertRace(
        async () =>
        {
            await _flag.FetchAdd(1);
            _ = _word.Peek;
        },
        async () =>
        {
            await _flag.FetchAdd(1);
            _word.Poke(1);
        });

    [Fact]
    public void A_lock_that_only_one_of_them_takes_does_not_help() => AssertRace(IncrementUnderTheLock, Increment);

    [Fact]
    public void A_race_with_a_task_that_has_ended_is_one_too() => AssertRace(
        async () => await Nothing(),
        async () =>
        {
            await _flag.WriteOnce(1);
            _word.Value = 3;
        },
        async () =>
        {
            await _flag.ReadOnce();
            _ = _word.Value;
        });

    [Fact]
    public void An_element_of_an_array_that_two_tasks_use_is_a_race() => AssertRace(
        async () =>
        {
            await _flag.FetchAdd(1);
            _row[1]++;
        },
        async () =>
        {
            await _flag.FetchAdd(1);
            _row[1]++;
        });

    [Fact]
    public void Different_elements_of_an_array_are_no_race() => Assert.Null(Verify(
        async () =>
        {
            await _flag.FetchAdd(1);
            _row[0]++;
        },
        async () =>
        {
            await _flag.FetchAdd(1);
            _row[1]++;
        }));

    [Fact]
    public void What_is_set_at_boot_and_only_read_is_no_race() => Assert.Null(Verify(ReadOnly, ReadOnly, ReadOnly));

    [Fact]
    public void What_is_always_accessed_under_one_lock_is_no_race_though_no_guard_was_declared() =>
        Assert.Null(Verify(IncrementUnderTheLock, IncrementUnderTheLock));

    [Fact]
    public void What_is_published_by_a_marked_store_and_then_only_used_by_the_receiver_is_no_race() =>
        Assert.Null(
            Verify(
                async () =>
                {
                    _word.Value = 7;
                    await _flag.WriteOnce(1);
                },
                async () =>
                {
                    await _flag.Await(1);
                    _word.Value++;
                }
            ));

    [Fact]
    public void What_goes_back_and_forth_is_no_race() => Assert.Null(Verify(
        async () =>
        {
            _word.Value = 7;
            await _flag.WriteOnce(1);
            await _flag.Await(2);
            _word.Value = 8;
        },
        async () =>
        {
            await _flag.Await(1);
            _word.Value++;
            await _flag.Exchange(2);
        }));

    [Fact]
    public void What_is_published_and_still_written_afterwards_is_a_race() => AssertRace(
        async () =>
        {
            await _flag.WriteOnce(1);
            _word.Value = 7;
        },
        async () =>
        {
            await _flag.Await(1);
            _word.Value++;
        });

    [Fact]
    public void Marked_accesses_are_no_race() => Assert.Null(Verify(
        async () => await _word.WriteOnce(1),
        async () => await _word.FetchAdd(1)));

    [Fact]
    public void A_scenarios_own_account_is_no_race() =>
        Assert.Null(Verify(RegionRole.Bookkeeping, Protection.None, Increment, Increment));

    [Fact]
    public void A_plain_access_of_a_word_that_is_declared_marked_is_a_race_though_nobody_else_touches_it() =>
        Assert.Equal(FailureClass.DataRace, Verify(RegionRole.Kernel, Protection.Marked, Increment)?.Class);

    private async KernelTask Nothing() => await _flag.ReadOnce();

    private async KernelTask Write()
    {
        await _flag.FetchAdd(0);
        _word.Value = 1;
    }

    private async KernelTask Increment()
    {
        await _flag.FetchAdd(0);
        _word.Value++;
        await _flag.FetchAdd(0);
    }

    private async KernelTask ReadOnly()
    {
        await _flag.FetchAdd(0);
        if (_word.Value != 5)
            _kernel.Fail(FailureClass.Assertion, "the word has changed");
    }

    private async KernelTask IncrementUnderTheLock()
    {
        await _lock.Acquire();
        _word.Value++;
        await _lock.Release();
    }

    private void AssertRace(params Func<KernelTask>[] bodies) =>
        Assert.Equal(FailureClass.DataRace, Verify(bodies)?.Class);

    private Finding? Verify(params Func<KernelTask>[] bodies) => Verify(RegionRole.Kernel, Protection.None, bodies);

    private Finding? Verify(RegionRole role, int guard, params Func<KernelTask>[] bodies)
    {
        MachineImage image = MachineBuilder.Boot(
            bodies.Length,
            0,
            new MachineOptions(),
            StandardDetectors.Create(),
            boot =>
            {
                _kernel = boot.Kernel;
                _lock = SpinLock<SimulatedKernel>.Create(boot, "lock");
                _word = Shared<SimulatedKernel>.Create(boot, "word", guard, role: role);
                _flag = Shared<SimulatedKernel>.Create(boot, "flag", Protection.None);
                _row = SharedArray<SimulatedKernel>.Create(boot, "row", 2, Protection.None);
                _word.Value = 5;
                foreach (Func<KernelTask> body in bodies)
                    boot.Spawn("test", body);
            }
        );
        return new Verifier(image, new VerifierOptions()).Run().Counterexample?.Finding;
    }
}
