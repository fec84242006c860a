using System.Globalization;
using Kmaplab.Scheduler.Coroutines;
using Kmaplab.Scheduler.Coroutines.Source;
using Kmaplab.Scheduler.Kernel;
using Kmaplab.Scheduler.Simulation;
using Kmaplab.Scheduler.Simulation.Operations;

namespace Kmaplab.Scheduler.Traces;

/// <summary>
/// Takes one step apart: the operation that it begins with, those that happen on its way, and what plain code changes
/// between them.
/// </summary>
/// <remarks>
/// Memory is compared before each plain access, as what has changed since the one before was changed by the function
/// that made that one. So a word that is stored to twice is seen twice. Where code stands takes long to find out, and
/// most accesses only read: which ones change something, a <see cref="WriterProbe"/> has seen before.
/// </remarks>
/// <param name="machine">What is watched, from its boot on.</param>
/// <param name="probe">Which of the plain accesses change memory.</param>
internal sealed class StepRecorder(Machine machine, WriterProbe probe) : IMachineObserver, ICallObserver
{
    private readonly MemoryChanges _changes = new(machine);
    private readonly List<TraceOperation> _operations = [];
    private readonly List<TraceEvent> _events = [];
    private readonly List<TraceEvent> _starting = [];

    // By context: the calls that have not ended, the outermost first; null for a piece of the function before it.
    private readonly List<KernelCall?>[] _open = NoCalls(machine.Tasks.Contexts);
    private bool _isBooting = true;
    private readonly List<int> _woken = [];
    private TraceOperation? _first; // Announced, and not performed yet.
    private IReadOnlyList<KernelCall>? _calls = []; // That have touched memory last; null if none has since a call.
    private long _accesses; // Plain ones.
    private int _context; // Whom the step concerns.

    /// <summary>What the step that has ended last consisted of, one thing after the other.</summary>
    internal IReadOnlyList<TraceEvent> Events => [.. _events];

    /// <summary>Every task stands in front of its first operation; yields what was called until then.</summary>
    internal IReadOnlyList<TraceEvent> EndBoot()
    {
        _isBooting = false;
        return [.. _starting];
    }

    /// <summary>A step begins, with this.</summary>
    /// <param name="first">What was announced.</param>
    /// <param name="context">Whom it concerns.</param>
    internal void Begin(TraceOperation first, int context)
    {
        _context = context;
        _operations.Clear();
        _events.Clear();
        _woken.Clear();
        _first = first;
        _calls = first.Calls;
        _changes.Begin();
    }

    /// <summary>What the step has consisted of.</summary>
    /// <remarks>
    /// Which operation comes next, and that a task has ended, the machine notes after the code has run.
    /// </remarks>
    internal IReadOnlyList<TraceOperation> End()
    {
        if (_first is not null)
        {
            Settle();
        }
        else
        {
            IReadOnlyList<MemoryChange> changes = _changes.End();
            AddPlain(_calls ?? OpenCalls(), changes.Where(change => change.Role != RegionRole.Hardware));
            AddPlain([], changes.Where(change => change.Role == RegionRole.Hardware));
        }

        return [.. _operations];
    }

    public void OnOperation(int context, in PerformedOperation operation)
    {
        TraceOperation performed = !operation.IsFused && _first is not null
            ? _first
            : new TraceOperation(machine.RunningCalls(), OperationText.Describe(machine, operation.Operation));
        _first = null;
        Add(performed with
        {
            Kind = operation.Kind,
            IsFused = operation.IsFused,
            SpinLock = LockOf(operation.Operation),
            Word = WordOf(operation.Operation),
            Result = OperationText.Result(machine, operation),
        });
    }

    public void OnPlainAccess(int context)
    {
        Settle();
        _accesses++;
        if (probe.Writers.Contains(_accesses))
            _calls = machine.RunningCalls();
        else if (probe.Accountants.Contains(_accesses))
            _calls = null;
    }

    public void OnWoken(int task, bool slept) => _woken.Add(task);

    public void OnBug(int context, string code)
    {
        Settle();
        _events.Add(new TraceEvent(TraceEventKind.Bug, context, machine.RunningCalls()) { Text = code });
    }

    public void OnCalled(Type stateMachine)
    {
        SettleCode();
        List<KernelCall?> open = _open[machine.CurrentContext];
        string? caller = open.LastOrDefault(call => call is not null)?.Function;
        KernelCall? call = machine.CallOf(stateMachine, caller);
        open.Add(call);
        if (call is not null)
            AddCall(TraceEventKind.Enter, call, "");

        _calls = null;
    }

    public void OnReturned(object? result) =>
        EndCall(result is null ? "" : Convert.ToString(result, CultureInfo.InvariantCulture) ?? "");

    public void OnThrown(Exception exception) => EndCall($"throws {exception.GetType().Name}");

    public void OnCount(KernelEvent what)
    {
    }

    public void OnOperationDone(int context)
    {
    }

    /// <summary>Ends what has gone on until now.</summary>
    private void Settle()
    {
        if (_first is not null)
            Add(_first);
        else if (_changes.Any())
            Add(new TraceOperation(_calls ?? OpenCalls(), ""));

        _first = null;
    }

    private void EndCall(string result)
    {
        List<KernelCall?> open = _open[machine.CurrentContext];
        if (open.Count == 0)
            return;

        SettleCode();
        KernelCall? call = open[^1];
        open.RemoveAt(open.Count - 1);
        if (call is not null)
            AddCall(TraceEventKind.Leave, call, result);

        _calls = null;
    }

    // Before the boot is over nothing is compared.
    private void SettleCode()
    {
        if (!_isBooting)
            Settle();
    }

    private void AddCall(TraceEventKind kind, KernelCall call, string result)
    {
        int context = machine.CurrentContext;
        var made = new TraceEvent(kind, context, [call])
        {
            Text = call.Function,
            Result = result,
        };
        if (_isBooting)
        {
            _starting.Add(made);
            return;
        }

        _events.Add(made);
    }

    private void Add(TraceOperation operation)
    {
        TraceOperation done = operation with { Changes = _changes.End(), Woken = [.. _woken] };
        _operations.Add(done);
        _events.AddRange(TraceEvent.Of(Doer(), done));
        _woken.Clear();
        _changes.Begin();
    }

    private void AddPlain(IReadOnlyList<KernelCall> calls, IEnumerable<MemoryChange> changes)
    {
        if (!changes.Any())
            return;

        var plain = new TraceOperation(calls, "") { Changes = [.. changes] };
        _operations.Add(plain);
        _events.AddRange(TraceEvent.Of(Doer(), plain));
    }

    /// <summary>
    /// Who has done what is added: as long as what was announced is not done, whom the step concerns.
    /// </summary>
    private int Doer() => _first is not null || machine.CurrentContext < 0 ? _context : machine.CurrentContext;

    /// <summary>
    /// The calls of the running context, innermost first. Where in them the code stands, nobody has looked: an account
    /// was kept.
    /// </summary>
    private KernelCall[] OpenCalls() =>
    [
        .. Enumerable.Reverse(_open[machine.CurrentContext]).OfType<KernelCall>()
            .Select(call => call with { Source = null }),
    ];

    private static List<KernelCall?>[] NoCalls(int contexts) =>
        [.. Enumerable.Range(0, contexts).Select(_ => new List<KernelCall?>())];

    private static int WordOf(Operation operation) => OperationTable.Of(operation.Kind).Target switch
    {
        OperationTarget.Word or OperationTarget.WaitQueue or OperationTarget.SpinLock => operation.Target,
        _ => -1,
    };

    private static int LockOf(Operation operation) => operation.Kind switch
    {
        OperationKind.Acquire or OperationKind.TryAcquire or OperationKind.ArmLock or OperationKind.Release =>
            operation.Target,
        _ => -1,
    };
}
