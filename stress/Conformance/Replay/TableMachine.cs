using Kmaplab.Allocator;
using Kmaplab.Allocator.Memory;
using Kmaplab.Scheduler.Kernel;
using Kmaplab.Scheduler.Simulation;
using Kmaplab.Scheduler.Simulation.Memory;
using Kmaplab.Scheduler.Simulation.Operations;
using Kmaplab.Scheduler.Simulation.Running;

namespace Kmaplab.Stress.Conformance.Replay;

/// <summary>
/// A machine booted as a trace's configuration says, with one commanded task for each of the trace's.
/// </summary>
internal sealed class TableMachine
{
    private readonly TraceConfig _config;
    private readonly PortFactory _makePort;
    private readonly int _kmapLock;
    private readonly int _poolLock;
    private readonly int _waitQueue;

    public TableMachine(TraceConfig config, PortFactory makePort)
    {
        _config = config;
        _makePort = makePort;
        IsSmp = config.Table!.Smp;
        Tasks = new CommandedTask[config.Table.TaskCount];
        var options = new MachineOptions
        {
            Points = config.Kind == TraceKind.HashFine ? SchedulingPoints.InnerLocks : SchedulingPoints.None,
            LoopTurnsMax = LoopTurnsMax(config.LastPkmap),
        };
        MachineImage image = MachineBuilder.Boot(Tasks.Length, interrupts: 0, options, [], Boot);
        _kmapLock = AddressOf(image, "kmap_lock");
        _poolLock = AddressOf(image, "pool_lock");
        _waitQueue = AddressOf(image, "pkmap_map_wait");
        Machine = new Machine(image) { Observer = Observer };
        Machine.Reset();
    }

    public Machine Machine { get; }

    public ReplayObserver Observer { get; } = new();

    public HighMemory<SimulatedKernel> Port { get; private set; } = null!;

    public CommandedTask[] Tasks { get; }

    /// <summary>A one-CPU build's spin locks do nothing, so whoever wants one has it.</summary>
    public bool IsSmp { get; }

    /// <summary>The task that holds kmap_lock.</summary>
    public int? LockHolder => IsSmp && Machine.HolderOf(_kmapLock) is >= 0 and var holder ? holder : null;

    /// <summary>The tasks in pkmap_map_wait, head first.</summary>
    public IEnumerable<int> Waiters() =>
        Enumerable.Range(0, Machine.Queues.Count(_waitQueue)).Select(index => Machine.Queues.TaskAt(_waitQueue, index));

    public TaskCondition Condition(int task) => Machine.Tasks.Status(task) switch
    {
        ContextStatus.Dead => TaskCondition.Dead,
        ContextStatus.Asleep => TaskCondition.Asleep,
        _ when Tasks[task].IsIdle => TaskCondition.Idle,
        _ when Machine.Tasks.State(task) != TaskState.Running => TaskCondition.Prep,
        _ => TaskCondition.Ready,
    };

    /// <summary>Whether a task wants a lock that another one holds.</summary>
    public bool Spins(int task) =>
        IsSmp && Machine.Tasks.Operation(task) == OperationKind.Acquire && !Machine.IsReady(task);

    /// <summary>The action that a task stands in front of.</summary>
    public YieldLabel Label(int task) =>
        Machine.Tasks.Operation(task) switch
        {
            OperationKind.Acquire => LockLabel(task, YieldLabel.Lock, YieldLabel.BucketLock, YieldLabel.PoolLock),
            OperationKind.Release => LockLabel(task, YieldLabel.Unlock, YieldLabel.BucketUnlock, YieldLabel.PoolUnlock),
            OperationKind.Enqueue => YieldLabel.Enqueue,
            OperationKind.Dequeue => YieldLabel.Dequeue,
            OperationKind.Schedule => YieldLabel.Sleep,
            OperationKind.Resume => YieldLabel.Resume,
            OperationKind.WakeUp => YieldLabel.Wake,
            var other => throw new InvalidOperationException(
                $"the port stops in front of {other}, for which traces have no label"),
        };

    private YieldLabel LockLabel(int task, YieldLabel table, YieldLabel bucket, YieldLabel pool)
    {
        int target = Machine.Tasks.Target(task);
        return target == _kmapLock ? table : target == _poolLock ? pool : bucket;
    }

    // A sweep of a table whose pages all hash into one chain walks the chain three times for every slot.
    private static int LoopTurnsMax(int slots) => (int)Math.Min(10_000 + (4L * slots * slots), int.MaxValue);

    private void Boot(MachineBuilder boot)
    {
        var layout = new PkmapLayout(new VirtualAddress(_config.PkmapBase), _config.LastPkmap);
        Port = _makePort(boot, new KmapConfig(PagesOf(_config), layout));
        for (int task = 0; task < Tasks.Length; task++)
            Tasks[task] = new CommandedTask(boot, Port);
    }

    private static MemoryMap PagesOf(TraceConfig config)
    {
        VirtualAddress[] lowAddresses = [.. config.LowPages.Select(address => new VirtualAddress(address))];
        return config.Table!.Hash is { } hash
            ? new MemoryMap(hash.PagePtr, lowAddresses)
            : new MemoryMap(lowAddresses);
    }

    private static int AddressOf(MachineImage image, string name) =>
        image.Regions.Single(region => region.Name == name).Start;
}
