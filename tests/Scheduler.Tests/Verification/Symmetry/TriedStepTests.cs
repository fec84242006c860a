using Kmaplab.Scheduler.Coroutines;
using Kmaplab.Scheduler.Detection;
using Kmaplab.Scheduler.Kernel;
using Kmaplab.Scheduler.Simulation;
using Kmaplab.Scheduler.Simulation.Memo;
using Kmaplab.Scheduler.Simulation.Running;
using Kmaplab.Scheduler.Tests.Machines;
using Kmaplab.Scheduler.Verification;

namespace Kmaplab.Scheduler.Tests.Verification.Symmetry;

/// <summary>
/// What a step that is looked up is tried for under other names: all that it reads and finishes, and none is left out.
/// </summary>
public sealed class TriedStepTests
{
    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    public void A_word_that_only_one_name_reads_is_not_missed_while_what_is_read_makes_no_difference(int task)
    {
        VerificationReport report = Verify(new ReadByName { Bad = task }.Boot(), Looking);

        Assert.Equal(FailureClass.Assertion, report.Counterexample?.Finding.Class);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public void Work_that_only_one_name_finishes_is_not_missed(int task)
    {
        VerificationReport report = Verify(new ReadByName { Bad = task, WorksForEver = true }.Boot(), Looking);

        Assert.Equal(FailureClass.Livelock, report.Counterexample?.Finding.Class);
    }

    /// <summary>One that a sample had performed first would pass for one that was tried.</summary>
    [Fact]
    public void Every_step_that_is_looked_up_was_tried_under_other_names()
    {
        VerificationReport report = Verify(new AlikeRecords().Boot(), Looking);

        Assert.Equal(
            (Verdict.Verified, null, null),
            (report.Verdict, report.SymmetryDropped, report.CanonicalFormsDropped));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_record_s_number_that_matters_late_is_not_missed(bool looksUp)
    {
        VerificationReport report = Verify(
            new AlikeRecords { FailsLate = true }.Boot(),
            new VerifierOptions { Memo = looksUp ? new MemoOptions() : null });

        Assert.Equal(FailureClass.Assertion, report.Counterexample?.Finding.Class);
    }

    [Fact]
    public void An_order_of_records_that_looks_at_something_else_is_not_used()
    {
        VerificationReport report = Verify(new AlikeRecords { OrdersByTurn = true }.Boot(), Looking);

        Assert.Equal(Verdict.Verified, report.Verdict);
        Assert.Contains("other words", report.CanonicalFormsDropped, StringComparison.Ordinal);
    }

    private static VerificationReport Verify(MachineImage image, VerifierOptions options) =>
        new Verifier(image, options).Run(TestContext.Current.CancellationToken);

    private static VerifierOptions Looking => new() { Memo = new MemoOptions() };

    /// <summary>
    /// Like tasks that take a record each from the pool, and give it back; after many turns none may have the first one
    /// while the other has none.
    /// </summary>
    [KernelObject]
    private sealed class AlikeRecords
    {
        private const int Records = 2;
        private const int Late = 250; // More than the 1024 states from which all steps are tried anyway.
        private const int End = 300;

        private SpinLock<SimulatedKernel> _lock;
        private Shared<SimulatedKernel> _pool;
        private SharedArray<SimulatedKernel> _next;
        private SharedArray<SimulatedKernel> _mine;
        private Shared<SimulatedKernel> _turns;
        private SimulatedKernel _kernel;

        internal bool FailsLate { get; init; }

        internal bool OrdersByTurn { get; init; }

        internal MachineImage Boot() => SmallMachine.Boot(2, boot =>
        {
            _kernel = boot.Kernel;
            _lock = SpinLock<SimulatedKernel>.Create(boot, "lock");
            _pool = Shared<SimulatedKernel>.Create(boot, "pool", _lock.Number, WordSort.Record);
            _next = SharedArray<SimulatedKernel>.Create(boot, "next", Records, _lock.Number, WordSort.Record);
            _mine = SharedArray<SimulatedKernel>.Create(
                boot, "mine", 2, _lock.Number, WordSort.Record, IndexSort.Task);
            _turns = Shared<SimulatedKernel>.Create(boot, "turns", _lock.Number);
            for (int record = 0; record < Records; record++)
                Give(record + 1);

            int[] links =
            [
                _pool.Address, _mine.Address, _mine.Address + 1,
                .. Enumerable.Range(_next.Address, Records),
            ];
            int next = _next.Address;
            boot.DeclareInterchangeableRecords(Records, [next], links, memory => Order(memory, next, links));
            boot.DeclareInterchangeable(0, 2, 0, 0);
            boot.Spawn("test", TakeAndGive);
            boot.Spawn("test", TakeAndGive);
        });

        /// <summary>Those of the pool come first, in its order, and then those of the tasks.</summary>
        private void Order(int[] memory, int next, int[] links)
        {
            var order = new List<int>();
            for (int record = memory[links[0]]; record != 0; record = memory[next + record - 1])
                order.Add(record);

            order.AddRange(((int[])[memory[links[1]], memory[links[2]]]).Where(record => record != 0));
            if (OrdersByTurn && memory[_turns.Address] % 2 != 0)
                order.Reverse();

            int[] before = memory.AsSpan(next, Records).ToArray();
            for (int i = 0; i < Records; i++)
                memory[next + i] = before[order[i] - 1];

            foreach (int link in links)
                memory[link] = order.IndexOf(memory[link]) + 1;
        }

        private async KernelTask TakeAndGive()
        {
            bool goesOn = true;
            while (goesOn)
            {
                await _lock.Acquire();
                _mine[_kernel.CurrentTask.Number] = _pool.Value;
                _pool.Value = _next[_pool.Value - 1];
                _next[_mine[_kernel.CurrentTask.Number] - 1] = 0;
                if (FailsLate && _turns.Value > Late && _mine[0] + _mine[1] == 1)
                    _kernel.Fail(FailureClass.Assertion, "it has the first one");

                goesOn = ++_turns.Value < (FailsLate ? End : 4);
                await _lock.Release();
                await _lock.Acquire();
                Give(_mine[_kernel.CurrentTask.Number]);
                _mine[_kernel.CurrentTask.Number] = 0;
                await _lock.Release();
            }
        }

        private void Give(int record)
        {
            _next[record - 1] = _pool.Value;
            _pool.Value = record;
        }
    }

    /// <summary>
    /// The last of three tasks comes when the others are gone, to where they were, and one of them is not to come then.
    /// </summary>
    [KernelObject]
    private sealed class ReadByName
    {
        private const int Tasks = 3;

        private SimulatedKernel _kernel;
        private Shared<SimulatedKernel> _turns;
        private Shared<SimulatedKernel> _gone;
        private Shared<SimulatedKernel> _isLate;

        internal int Bad { get; init; }

        /// <summary>
        /// They turn round for ever, and only those that are not bad say that they have done something.
        /// </summary>
        internal bool WorksForEver { get; init; }

        internal MachineImage Boot() => SmallMachine.Boot(Tasks, boot =>
        {
            const RegionRole Role = RegionRole.Bookkeeping;
            _kernel = boot.Kernel;
            _turns = Shared<SimulatedKernel>.Create(boot, "turns", Protection.Marked);
            _gone = Shared<SimulatedKernel>.Create(boot, "gone", Protection.Marked);
            _isLate = Shared<SimulatedKernel>.Create(boot, "late", Protection.None, role: Role);
            boot.DeclareInterchangeable(0, Tasks, 0, 0);
            for (int task = 0; task < Tasks; task++)
                boot.Spawn("test", WorksForEver ? Turn : Come);
        });

        private async KernelTask Come()
        {
            if (await _turns.FetchAdd(1) == Tasks - 1)
            {
                await _gone.Await(Tasks - 1);
                _isLate.Value = 1;
            }

            await _turns.ReadOnce();
            if (_kernel.CurrentTask.Number == Bad && _isLate.Value == 1)
                _kernel.Fail(FailureClass.Assertion, "the wrong one is late");

            await _turns.ReadOnce();
            if (_isLate.Value == 0)
                await _gone.FetchAdd(1);
        }

        private async KernelTask Turn()
        {
            while (true)
            {
                await _turns.WriteOnce(1);
                if (_kernel.CurrentTask.Number != Bad)
                    _kernel.OperationDone();
            }
        }
    }
}
