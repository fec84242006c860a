using Kmaplab.Scheduler.Kernel;
using Kmaplab.Scheduler.Kernel.Rules;
using Kmaplab.Scheduler.Traces;

namespace Kmaplab.Stress.Pictures.Tracing;

/// <summary>Tells a trace as the kernel's ftrace would record it.</summary>
/// <remarks>
/// A step takes a millisecond, and what happens in it follows from microsecond to microsecond, as a simulated machine
/// has no clock. Step n begins at n milliseconds, which can be read, and nothing at 0: that is no time to KernelShark,
/// which then does not sort the events of the CPUs. Task n has pid 1000 + n; an interrupt shows the task that it has
/// interrupted, with h among the flags. The flags are those that hold when the step begins.
/// </remarks>
internal abstract class FtraceWalk(ExecutionTrace trace)
{
    protected const int Priority = 120;

    private const int FirstPid = 1000;

    private readonly ContextMoment[] _contexts = [.. trace.Start.Contexts];
    private readonly CpuMoment[] _cpus = [.. trace.Start.Cpus];
    private readonly int[] _running = new int[trace.Start.Cpus.Count]; // What was said last; -1 for idle.

    protected int Tasks => trace.Wants.Count;

    protected void Walk()
    {
        Array.Fill(_running, -1);
        SayWhoRuns(TimeOf(1));
        foreach (TraceStep step in trace.Steps)
            Tell(step);
    }

    /// <summary>Something has happened in a kernel function, or in none.</summary>
    protected abstract void Print(in FtraceMoment at, string function, string text);

    /// <summary>A task is woken.</summary>
    protected abstract void Waking(in FtraceMoment at, int task, int cpu);

    /// <summary>A CPU goes over from one task, left in a state, to another; -1 for idle.</summary>
    protected abstract void Switch(in FtraceMoment at, int before, char state, int next);

    protected static string Comm(int task) => task < 0 ? "swapper" : $"task_{task}";

    protected static int Pid(int task) => task < 0 ? 0 : FirstPid + task;

    private void Tell(TraceStep step)
    {
        int cpu = Math.Max(0, step.Cpu);
        int task = step.Context < Tasks ? step.Context : _running[cpu];
        int count = _contexts[step.Context].PreemptCount;
        char interrupt = !PreemptCount.IsInInterrupt(count) ? '.'
            : (count & (PreemptCount.Active - 1)) >= PreemptCount.HardirqOffset ? 'h'
            : 's';
        var at = new FtraceMoment(
            task, cpu, TimeOf(step.Number), _cpus[cpu].IrqsDisabled, interrupt, PreemptCount.DepthOf(count));
        foreach (TraceEvent happened in step.Events.Where(IsTold))
        {
            if (happened.Woken >= 0)
                Waking(at, happened.Woken, Math.Max(0, _contexts[happened.Woken].Cpu));
            else
                Print(at, happened.Kind == TraceEventKind.Enter ? "" : happened.Function, Wording.Of(happened, trace));

            at = at with { Microseconds = at.Microseconds + 1 };
        }

        foreach (ContextChange change in step.Contexts)
            _contexts[change.Context] = change.Now;

        foreach (CpuChange change in step.Cpus)
            _cpus[change.Cpu] = change.Now;

        SayWhoRuns(TimeOf(step.Number + 1) - 1);
    }

    private static long TimeOf(int step) => step * 1000L;

    private static bool IsTold(TraceEvent happened) =>
        happened is not { Change.Role: not RegionRole.Kernel } && happened.Kind != TraceEventKind.Leave;

    /// <summary>Says which CPUs run another task than was said last.</summary>
    private void SayWhoRuns(long time)
    {
        for (int cpu = 0; cpu < _cpus.Length; cpu++)
        {
            int next = TaskOf(cpu);
            int before = _running[cpu];
            if (next == before)
                continue;

            _running[cpu] = next;
            char state = before < 0 ? 'R' : StateOf(before);
            Switch(new FtraceMoment(before, cpu, time, IrqsOff: true, '.', Depth: 2), before, state, next);
        }
    }

    // A CPU whose task sleeps or has ended is idle. Interrupts do not switch tasks.
    private int TaskOf(int cpu)
    {
        int current = _cpus[cpu].Current;
        if (current >= Tasks)
            return _running[cpu];

        return current >= 0 && _contexts[current].Activity is not (ContextActivity.Asleep or ContextActivity.Ended)
            ? current
            : -1;
    }

    private char StateOf(int context) => _contexts[context].Activity switch
    {
        ContextActivity.Asleep => 'D',
        ContextActivity.Ended => 'X',
        _ => 'R',
    };
}

/// <summary>Where and when something is told.</summary>
/// <param name="Task">The task; -1 for idle.</param>
/// <param name="Cpu">The CPU.</param>
/// <param name="Microseconds">The time.</param>
/// <param name="IrqsOff">Whether interrupts are off.</param>
/// <param name="Interrupt">h in a hard interrupt, s in a soft one, else a dot.</param>
/// <param name="Depth">How often preemption is off.</param>
internal readonly record struct FtraceMoment(
    int Task, int Cpu, long Microseconds, bool IrqsOff, char Interrupt, int Depth);
