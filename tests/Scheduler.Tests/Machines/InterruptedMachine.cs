using Kmaplab.Scheduler.Coroutines;
using Kmaplab.Scheduler.Detection;
using Kmaplab.Scheduler.Detectors;
using Kmaplab.Scheduler.Kernel;
using Kmaplab.Scheduler.Simulation;
using Kmaplab.Scheduler.Simulation.Hardware;
using Kmaplab.Scheduler.Simulation.Running;

namespace Kmaplab.Scheduler.Tests.Machines;

/// <summary>A machine with interrupts, two locks, a queue, and a log of letters that tells who came when.</summary>
[KernelObject]
internal sealed class InterruptedMachine
{
    private const int LogMax = 16;

    private Shared<SimulatedKernel> _logged;
    private SharedArray<SimulatedKernel> _log;

    internal InterruptedMachine(
        MachineOptions options,
        Func<InterruptedMachine, KernelTask>[] tasks,
        (InterruptKind Kind, Func<InterruptedMachine, KernelTask> Handler)[] interrupts,
        int limit = 1
    ) => Image = MachineBuilder.Boot(tasks.Length, interrupts.Length, options, StandardDetectors.Create(), boot =>
        {
            Kernel = boot.Kernel;
            Lock = SpinLock<SimulatedKernel>.Create(boot, "lock");
            Other = SpinLock<SimulatedKernel>.Create(boot, "other_lock");
            Queue = WaitQueue<SimulatedKernel>.Create(boot, "queue");
            _logged = Shared<SimulatedKernel>.Create(boot, "logged", guard: -1, role: RegionRole.Bookkeeping);
            _log = SharedArray<SimulatedKernel>.Create(boot, "log", LogMax, guard: -1, role: RegionRole.Bookkeeping);
            foreach (Func<InterruptedMachine, KernelTask> body in tasks)
                boot.Spawn("task", () => body(this));

            for (int i = 0; i < interrupts.Length; i++)
            {
                Func<InterruptedMachine, KernelTask> handler = interrupts[i].Handler;
                boot.AttachInterrupt($"irq {i}", interrupts[i].Kind, limit, () => handler(this));
            }
        });

    internal MachineImage Image { get; }

    internal SimulatedKernel Kernel { get; private set; }

    internal SpinLock<SimulatedKernel> Lock { get; private set; }

    internal SpinLock<SimulatedKernel> Other { get; private set; }

    internal WaitQueue<SimulatedKernel> Queue { get; private set; }

    internal void Log(char what) => _log[_logged.Value++] = what;

    /// <summary>A place where interrupts and preemptions may come.</summary>
    internal KernelStep Window() => Kernel.InterruptWindow();

    /// <summary>
    /// The log of every execution, each once, in order; with the class of failure behind it, if there is one. The log
    /// is part of the state, so it is enough to go on from every state once.
    /// </summary>
    internal string[] Logs()
    {
        var machine = new Machine(Image);
        var logs = new SortedSet<string>(StringComparer.Ordinal);
        var seen = new HashSet<UInt128>();
        var pending = new Stack<Transition[]>([[]]);
        while (pending.TryPop(out Transition[]? way))
        {
            machine.Reset();
            foreach (Transition transition in way)
                machine.Perform(transition);

            if (!seen.Add(machine.StateHash()))
                continue;

            Transition[] enabled = machine.Finding is null ? machine.Enabled().ToArray() : [];
            foreach (Transition transition in enabled)
                pending.Push([.. way, transition]);

            if (enabled.Length == 0)
                logs.Add(LogOf(machine));
        }

        return [.. logs];
    }

    /// <summary>The log of an execution that has ended; with the class of failure behind it, if there is one.</summary>
    internal string LogOf(Machine machine)
    {
        string log = string.Concat(Enumerable.Range(0, _logged.Peek).Select(i => (char)_log.Peek(i)));
        if (machine.Finding is null)
            machine.Conclude();

        return machine.Finding is null ? log : $"{log} {machine.Finding.Class.Name()}";
    }
}
