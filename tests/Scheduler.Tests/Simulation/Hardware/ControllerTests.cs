using Kmaplab.Scheduler.Detection;
using Kmaplab.Scheduler.Kernel;
using Kmaplab.Scheduler.Kernel.Rules;
using Kmaplab.Scheduler.Simulation.Hardware;
using Kmaplab.Scheduler.Simulation.Memory;
using Kmaplab.Scheduler.Simulation.Operations;

namespace Kmaplab.Scheduler.Tests.Simulation.Hardware;

/// <summary>The parts of a machine alone: memory and rules, without tasks that run.</summary>
public sealed class ControllerTests
{
    private const int TaskCount = 2;
    private const int CpuCount = 2;
    private const int Lock = 100;
    private const int Fired = 110;

    private static readonly InterruptSource[] s_sources =
    [
        new("timer", InterruptKind.Hard, Limit: 1, () => default),
        new("net_rx", InterruptKind.Soft, Limit: 0, () => default),
    ];

    private readonly int[] _memory = new int[200];
    private readonly TaskTable _tasks;
    private readonly CpuTable _cpus;
    private readonly InterruptController _interrupts;
    private readonly Reports _reports = new();

    public ControllerTests()
    {
        int contexts = TaskCount + (s_sources.Length * CpuCount);
        _tasks = new TaskTable(_memory, TaskCount, contexts);
        _cpus = new CpuTable(_memory, contexts * TaskTable.Stride, CpuCount);
        _interrupts = new InterruptController(_memory, _tasks, _cpus, s_sources, Fired);
        for (int task = 0; task < TaskCount; task++)
        {
            _tasks.SetStatus(task, ContextStatus.Runnable);
            _tasks.SetCpu(task, -1);
        }
    }

    [Fact]
    public void A_hard_interrupt_fires_as_often_as_it_may_and_not_while_interrupts_are_off()
    {
        _cpus.SetIrqsDisabled(1, true);

        Assert.Equal([Transition.Interrupt(0, 0), Transition.Interrupt(0, 1)], Enabled(cpu: 0));
        Assert.Empty(Enabled(cpu: 1));

        int handler = _interrupts.Fire(0, 0);
        Assert.Equal("timer", _interrupts.SourceOf(handler)!.Name);
        Assert.Empty(Enabled(cpu: 0)); // Its own interrupts are off.
        _interrupts.Return(handler);

        Assert.Equal([Transition.Interrupt(0, 1)], Enabled(cpu: 0)); // The limit counts over all CPUs.
        _cpus.SetIrqsDisabled(1, false);
        Assert.Equal([Transition.Interrupt(1, 1)], Enabled(cpu: 1));
    }

    [Fact]
    public void A_handler_runs_on_top_of_whom_it_interrupts_with_his_preempt_count()
    {
        Place(task: 0, cpu: 0);
        _tasks.SetPreemptCount(0, 3);
        int soft = _interrupts.Fire(0, 1);
        int hard = _interrupts.Fire(0, 0);

        Assert.Equal(3 + PreemptCount.SoftirqOffset + PreemptCount.HardirqOffset, _tasks.PreemptCount(hard));
        Assert.True(_interrupts.RunsOnTopOf(hard, soft));
        Assert.True(_interrupts.RunsOnTopOf(hard, 0));
        Assert.False(_interrupts.RunsOnTopOf(soft, hard));
        Assert.Equal(0, _interrupts.CurrentTaskOf(hard));
    }

    [Theory]
    [InlineData(true, 1)]
    [InlineData(false, 0)]
    public void A_lock_raises_preempt_count_if_the_kernel_preempts_and_a_release_takes_it_back(bool preempts, int count)
    {
        LockTable locks = Locks(preempts);
        Place(task: 0, cpu: 0);

        int flags = locks.Acquire(0, Lock, LockContext.IrqSave);
        Assert.Equal((0, 0), (flags, locks.HolderOf(Lock)));
        Assert.Equal(count, _tasks.PreemptCount(0));
        Assert.True(_cpus.IrqsDisabled(0));
        Assert.Equal(0, locks.TryAcquire(1, Lock));

        locks.Release(0, Lock, LockContext.IrqSave, flags);
        Assert.Equal((-1, 0), (locks.HolderOf(Lock), _tasks.PreemptCount(0)));
        Assert.False(_cpus.IrqsDisabled(0));
        Assert.Empty(_reports.Found);
    }

    [Fact]
    public void Who_releases_the_lock_of_another_is_reported_and_changes_nothing()
    {
        LockTable locks = Locks(preempts: true);
        Place(task: 0, cpu: 0);
        locks.Acquire(0, Lock, LockContext.Plain);

        locks.Release(1, Lock, LockContext.Plain, flags: 0);

        Assert.Equal(0, locks.HolderOf(Lock));
        Assert.Equal(["LockMisuse: task 1 releases word 100, which task 0 holds"], _reports.Found);
    }

    [Fact]
    public void A_lock_that_a_handler_takes_must_not_be_taken_elsewhere_with_interrupts_on()
    {
        LockTable locks = Locks(preempts: true);
        Place(task: 0, cpu: 0);
        locks.Acquire(0, Lock, LockContext.Plain);
        locks.Release(0, Lock, LockContext.Plain, flags: 0);
        int handler = _interrupts.Fire(0, 0);

        locks.Acquire(handler, Lock, LockContext.Plain);

        Assert.StartsWith(
            "LockMisuse: word 100 is taken in hard interrupts",
            Assert.Single(_reports.Found),
            StringComparison.Ordinal);
    }

    [Fact]
    public void A_preempted_task_stays_on_the_run_queue_and_can_be_dispatched_again()
    {
        var queue = new RunQueue(
            _tasks,
            _cpus,
            new CpuRules(IsPinned: false, HasOwnCpus: false, Preempts: true, HasInterrupts: false));
        queue.Dispatch(0, 0);
        _tasks.SetState(0, TaskState.Uninterruptible);

        Assert.True(queue.IsPreemptible(0, 0, isReady: true)); // Task 1 waits for a CPU.
        queue.Preempt(0);

        Assert.Equal(ContextStatus.Runnable, _tasks.Status(0));
        var enabled = new Transition[8];
        Assert.Equal(2, queue.AddDispatches(0, enabled, 0));
        queue.Dispatch(0, 1);
        Assert.Equal(0, _tasks.PreemptCount(0));
        Assert.True(queue.GoesToSleep(0));
        Assert.Equal((ContextStatus.Asleep, -1), (_tasks.Status(0), _tasks.Cpu(0)));
    }

    [Theory]
    [InlineData(true, false)]
    [InlineData(false, true)]
    public void Who_holds_off_preemption_or_interrupts_is_not_preempted(bool countsPreempt, bool disablesIrqs)
    {
        var queue = new RunQueue(
            _tasks,
            _cpus,
            new CpuRules(IsPinned: false, HasOwnCpus: false, Preempts: true, HasInterrupts: false));
        queue.Dispatch(0, 0);
        _tasks.SetPreemptCount(0, countsPreempt ? 1 : 0);
        _cpus.SetIrqsDisabled(0, disablesIrqs);

        Assert.False(queue.IsPreemptible(0, 0, isReady: true));
        Assert.True(queue.IsInAtomic(0));
    }

    [Fact]
    public void A_shootdown_is_over_when_every_other_cpu_has_taken_its_interrupt()
    {
        var rules = new CpuRules(IsPinned: false, HasOwnCpus: true, Preempts: true, HasInterrupts: false);
        var mmu = new MmuTable(_memory, new MmuLayout([], 0, 150, 150, 0, 0, 150)) { Cpus = CpuCount };
        var shootdowns = new ShootdownController(_memory, _tasks, _cpus, mmu, _interrupts, Lock, rules);
        Place(task: 0, cpu: 0);
        Place(task: 1, cpu: 1);
        _cpus.SetIrqsDisabled(1, true);

        shootdowns.Send(0);
        Assert.Equal(new Operation(OperationKind.AwaitShootdown, Lock), _tasks.Pending(0));
        Assert.Equal([1], shootdowns.Owing);
        Assert.False(shootdowns.CanAcknowledge(1));

        _cpus.SetIrqsDisabled(1, false);
        Assert.True(shootdowns.CanAcknowledge(1));
        shootdowns.Acknowledge(1); // A soft interrupt is due on the way out.
        Assert.False(shootdowns.HaveAllAnswered());
        shootdowns.Acknowledge(1);
        Assert.True(shootdowns.HaveAllAnswered());

        shootdowns.Finish(0);
        Assert.Equal((0, 0), (_memory[Lock], _tasks.PreemptCount(0)));
    }

    private LockTable Locks(bool preempts)
    {
        var rules = new CpuRules(IsPinned: false, HasOwnCpus: false, preempts, HasInterrupts: true);
        return new LockTable(_memory, _tasks, _cpus, _interrupts, innerLocks: [], rules, checks: true, _reports);
    }

    private void Place(int task, int cpu)
    {
        _tasks.SetCpu(task, cpu);
        _cpus.SetCurrent(cpu, task);
    }

    private Transition[] Enabled(int cpu)
    {
        var enabled = new Transition[8];
        return enabled[.._interrupts.AddEnabled(cpu, enabled, 0)];
    }

    private sealed class Reports : IContextReports
    {
        internal List<string> Found { get; } = [];

        public void Report(FailureClass failure, string message) => Found.Add($"{failure}: {message}");

        public string NameOf(int context) => $"task {context}";

        public string NameAtSpawn(int context) => $"body {context}";

        public string NameOfWord(int address) => $"word {address}";

        public string RunningChain() => "f";

        public string PlaceOf(int context) => "f";
    }
}
