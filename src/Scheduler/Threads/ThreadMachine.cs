using Kmaplab.Scheduler.Coroutines;
using Kmaplab.Scheduler.Detection;
using Kmaplab.Scheduler.Kernel;
using Kmaplab.Scheduler.Threads.Memory;
using Kmaplab.Scheduler.Threads.Tasks;

namespace Kmaplab.Scheduler.Threads;

/// <summary>A machine whose tasks are OS threads.</summary>
/// <remarks>
/// It boots once and can run again and again, each time from the memory that it booted with. The thread that calls
/// <see cref="Run"/> looks on, and ends the run if no task can ever go on.
/// </remarks>
public sealed unsafe partial class ThreadMachine : IDisposable
{
    private readonly List<(string Name, int Start, int Length)> _regions = [];
    private readonly List<(int Start, int Length, int Guard)> _guarded = []; // Words, and their locks.
    private readonly List<ThreadTask> _tasks = [];
    private readonly EventParking? _events;
    private readonly bool _isChecked;
    private bool _isBooted;
    private int _runs; // Each has random numbers of its own.
    private volatile bool _isStopping;

    private ThreadMachine(ThreadOptions options, bool isChecked)
    {
        _isChecked = isChecked;
        Options = options;
        Words = Memory.Words;
        _events = options.UseFutex && FutexParking.IsSupported ? null : new EventParking();
        Locks = new SpinLocks(this);
        Sleepers = new Sleepers(this, _events is null ? new FutexParking() : _events);
        Paging = new ThreadPaging(this);
        Visits = new StepVisits(Words);
        _hang = new Hang(this);
    }

    /// <summary>How the machine is built.</summary>
    public ThreadOptions Options { get; }

    /// <summary>The number of tasks.</summary>
    public int TaskCount => _tasks.Count;

    /// <summary>Where real memory is not where it should be; null if it is, or if there is none.</summary>
    public string? MemoryNote => Paging.Real?.Note;

    /// <summary>Calls by which the operating system was told to map and unmap.</summary>
    public long MappingCalls => Paging.Real?.Calls ?? 0;

    internal ThreadMemory Memory { get; } = new();

    /// <summary>The first word of kernel memory.</summary>
    internal int* Words { get; }

    internal SpinLocks Locks { get; }

    internal Sleepers Sleepers { get; }

    internal ThreadPaging Paging { get; }

    internal StepVisits Visits { get; }

    internal IReadOnlyList<ThreadTask> Tasks => _tasks;

    /// <summary>Keeps what tasks do; null if nobody asked for that.</summary>
    internal ThreadRecorder? Recorder { get; private set; }

    /// <summary>The named parts of kernel memory that the scenario has asked for, by address.</summary>
    internal IReadOnlyList<(string Name, int Start, int Length)> Regions => _regions;

    internal List<Func<Finding?>> EndChecks { get; } = [];

    internal List<Func<Func<TaskId, bool>, Finding?>> StuckChecks { get; } = [];

    internal List<Func<TaskId, IEnumerable<string>>> WaitExplanations { get; } = [];

    /// <summary>Boots a machine: <paramref name="boot"/> asks for what it needs and spawns the tasks.</summary>
    /// <exception cref="UsageException">It asks for what threads cannot do.</exception>
    public static ThreadMachine Boot<TMode>(ThreadOptions options, Action<IKernelBoot<ThreadKernel<TMode>>> boot)
        where TMode : struct, IThreadMode
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(boot);
        var machine = new ThreadMachine(options, TMode.Checks);
        boot(new ThreadBoot<TMode>(machine));
        if (machine._tasks.Count is 0 or > ThreadOptions.TasksMax)
            throw new UsageException(
                $"{options.Name} has {Counted.Of(machine._tasks.Count, "task")}: on threads there are 1 to "
                + $"{ThreadOptions.TasksMax}");

        machine.Paging.LayOut();
        machine.Memory.Save();
        foreach (ThreadTask task in machine._tasks)
            machine._events?.Add(machine.Words + task.StateWord);

        if (TMode.Checks && options.Records)
            machine.Recorder = new ThreadRecorder(machine, machine.Memory.Used, machine._tasks.Count, machine._guarded);

        machine._isBooted = true;
        machine.Reset();
        return machine;
    }

    /// <summary>Makes the calling thread a task, until it is left, so that it can call kernel functions.</summary>
    public EnteredTask Enter(TaskId task)
    {
        ThreadTask.t_current = _tasks[task.Number];
        ThreadTask.t_current.Record.HasBegun = true; // It waits for nobody.
        return new EnteredTask(this);
    }

    /// <summary>Where an address is in this process; 0 without real memory, or if the address names no page.</summary>
    public nint PointerTo(VirtualAddress address) =>
        Paging.Real is { } real && Paging.PlaceOf(address) is var place and >= 0 ? real.PointerTo(place) : 0;

    /// <summary>Gives real memory back; no thread may be left.</summary>
    public void Dispose() => Paging.Dispose();

    internal TaskId Spawn(string name, Func<KernelTask> body)
    {
        ArgumentNullException.ThrowIfNull(body);
        int number = _tasks.Count;
        _tasks.Add(new ThreadTask(number, name, LayOut($"task {number}", 1), body));
        return new TaskId(number);
    }

    internal int LayOut(string name, int length, int guard = Protection.None)
    {
        if (_isBooted)
            throw new KernelMisuseException(
                $"'{name}' is made while tasks run: tasks and kernel memory are made when the machine is booted, and "
                + "stay the same");

        int start = Memory.Allocate(length);
        _regions.Add((name, start, length));
        if (guard >= 0)
            _guarded.Add((start, length, guard));

        return start;
    }

    private void Reset()
    {
        Memory.Restore();
        Paging.Real?.Reset();
        _finding = null;
        _crash = null;
        _isStopping = false;
        IsEnding = false;
        _isRunEnding = false;
        _start = null;
        _begun = 0;
        _hang.Reset();
        foreach (ThreadTask task in _tasks)
            task.Reset(Options.Seed + ((ulong)_runs << 32));

        Recorder?.Reset();
        _runs++;
    }
}

/// <summary>The calling thread is a task until this is disposed.</summary>
public readonly ref struct EnteredTask
{
    private readonly ThreadMachine? _machine;

    internal EnteredTask(ThreadMachine machine) => _machine = machine;

    /// <summary>The thread is no task any more.</summary>
    public void Dispose()
    {
        if (ThreadTask.t_current is { } task)
            _machine?.Locks.LetGo(task);

        ThreadTask.t_current = null;
    }
}
