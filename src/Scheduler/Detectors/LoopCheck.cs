using Kmaplab.Scheduler.Detection;
using Kmaplab.Scheduler.Simulation;
using Kmaplab.Scheduler.Simulation.Hardware;
using Kmaplab.Scheduler.Simulation.Memory;

namespace Kmaplab.Scheduler.Detectors;

/// <summary>
/// Sees whether some transitions are an endless loop that is fair to everybody, and who gets nothing done on it.
/// </summary>
/// <remarks>
/// Weakly fair: who could go on all the time runs somewhere on the loop. Strongly fair: who could run anywhere on it
/// runs, and who could be given a CPU is. A context that waits for a CPU could go on where CPUs are given away on the
/// loop; a CPU that owes an answer to a TLB flush could go on where it may give it.
/// </remarks>
public sealed class LoopCheck(Machine machine)
{
    private readonly Dictionary<int, Service> _services = []; // By context; CPUs follow the contexts.
    private readonly HashSet<int> _finished = [];
    private UInt128? _start;
    private long _progress;
    private bool _offersCpu;

    /// <summary>One more transition of the loop is going to happen.</summary>
    public void Before()
    {
        _start ??= machine.StateHash();
        HashSet<int> canRun = [];
        HashSet<int> canGetCpu = [];
        bool preempts = false;
        foreach (Transition enabled in machine.Enabled())
        {
            preempts |= enabled.Kind == TransitionKind.Preempt;
            _offersCpu |= enabled.Kind is TransitionKind.Preempt or TransitionKind.Dispatch;
            if (MovedBy(enabled) is { } moved)
                (enabled.Kind == TransitionKind.Dispatch ? canGetCpu : canRun).Add(moved);
        }

        for (int context = 0; context < machine.Tasks.Contexts + machine.Cpus.Count; context++)
        {
            bool isWaiting = IsWaitingForCpu(context);
            Service service =
                canRun.Contains(context) ? Service.CouldRun
                : isWaiting ? Service.WaitedForCpu
                : Service.WasFree;
            if (canGetCpu.Contains(context) || (isWaiting && preempts))
                service |= Service.CouldGetCpu;

            Add(context, service);
        }

        _progress = machine.Progress;
    }

    /// <summary>It has happened.</summary>
    public void After(Transition transition)
    {
        if (MovedBy(transition) is not { } mover)
            return;

        Add(mover, transition.Kind == TransitionKind.Dispatch ? Service.WasServed : Service.WasServed | Service.Ran);
        if (machine.Progress != _progress)
            _finished.Add(mover);
    }

    /// <summary>So far nobody has finished anything, although everybody who could go on somewhere has.</summary>
    public bool IsIdle => _finished.Count == 0 && _services.Count > 0 && IsStronglyFair();

    /// <summary>
    /// Reports what the loop shows, if it leads back to where it began and is fair: nobody finishes anything, or what
    /// <paramref name="expected"/> says of those who finish nothing.
    /// </summary>
    public void Conclude(FailureClass? expected)
    {
        if (_start is null || _start != machine.StateHash())
            return;

        int[] victims = [.. Enumerable.Range(0, machine.Tasks.Count).Where(IsVictim)];
        int[] runners = [.. victims.Where(task => Has(task, Service.Ran))];
        bool isIdle = IsIdle;
        if (runners.Length > 0 && (isIdle || (expected == FailureClass.Livelock && IsWeaklyFair())))
            Report(FailureClass.Livelock, Livelock(runners, isIdle), victims);
        else if (runners.Length > 0 && IsWeaklyFair() && expected is null or FailureClass.Starvation)
            Report(
                FailureClass.Starvation,
                $"{Names(runners)} never {Verb(runners, "finishes", "finish")}, although nobody is treated unfairly",
                runners);
        else if (expected is FailureClass.Deadlock or FailureClass.LostWakeup && IsWeaklyFair())
            ReportBlocked(expected.Value, [.. victims.Except(runners)]);
    }

    private bool IsVictim(int task) =>
        machine.Tasks.Status(task) is ContextStatus.Runnable or ContextStatus.Asleep && !_finished.Contains(task);

    private void ReportBlocked(FailureClass failure, int[] blocked)
    {
        if (blocked.Length > 0)
            Report(failure, $"{Names(blocked)} can never run again, while others run for ever", blocked);
    }

    private string Livelock(int[] runners, bool isIdle) => isIdle
        ? $"{Names(runners)} {Verb(runners, "runs", "run")} for ever, and nobody finishes anything"
        : $"{Names(runners)} {Verb(runners, "runs", "run")} for ever and can never finish";

    private void Report(FailureClass failure, string headline, int[] tasks) =>
        machine.Report(failure, string.Join("\n  ", [headline, .. tasks.Select(Situation), .. Hint(failure)]));

    private IEnumerable<string> Hint(FailureClass failure) =>
        failure == FailureClass.Livelock && machine.OperationsDone == 0
            ? ["(if their work has no end, let them say OperationDone() whenever a piece of it is done)"]
            : [];

    private string Situation(int task) => Has(task, Service.Ran)
        ? $"{machine.NameOf(task)} goes round in {string.Join(" <- ", machine.CallChain(task))}"
        : DeadlockDetector.Situation(new MachineView(machine), task);

    private string Names(int[] tasks) => string.Join(" and ", tasks.Select(machine.NameOf));

    private static string Verb(int[] tasks, string one, string many) => tasks.Length == 1 ? one : many;

    private bool IsWeaklyFair() => _services.Values.All(service =>
        (service & (Service.Ran | Service.WasFree)) != 0 || (!_offersCpu && (service & Service.WaitedForCpu) != 0));

    private bool IsStronglyFair() => _services.Values.All(service =>
        (service & (Service.CouldRun | Service.Ran)) != Service.CouldRun
        && (service & (Service.CouldGetCpu | Service.WasServed)) != Service.CouldGetCpu);

    private bool Has(int context, Service service) => (_services.GetValueOrDefault(context) & service) != 0;

    private void Add(int context, Service service) =>
        _services[context] = _services.GetValueOrDefault(context) | service;

    private bool IsWaitingForCpu(int context) =>
        context < machine.Tasks.Count
        && machine.Tasks.Status(context) == ContextStatus.Runnable
        && machine.Tasks.Cpu(context) < 0;

    private int? MovedBy(Transition transition) => transition.Kind switch
    {
        TransitionKind.Dispatch => transition.Argument,
        TransitionKind.Preempt or TransitionKind.Interrupt => null,
        TransitionKind.Acknowledge => machine.Tasks.Contexts + transition.Subject,
        _ => transition.Subject,
    };

    [Flags]
    private enum Service
    {
        None = 0,
        WasServed = 1,
        Ran = 2,
        WasFree = 4,
        WaitedForCpu = 8,
        CouldRun = 16,
        CouldGetCpu = 32,
    }
}
