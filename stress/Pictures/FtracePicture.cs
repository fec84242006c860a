using System.Globalization;
using System.Text;
using Kmaplab.Scheduler.Kernel;
using Kmaplab.Scheduler.Schedules;

namespace Kmaplab.Stress.Pictures;

/// <summary>A trace as the kernel's ftrace prints it, which Perfetto and text tools read.</summary>
/// <remarks>
/// A step takes a millisecond, and what happens in it follows from microsecond to microsecond, as a simulated machine
/// has no clock. Task n has pid 1000 + n; an interrupt shows the
/// task that it has interrupted, with h among the flags. The flags are those that hold when the step begins.
/// </remarks>
internal static class FtracePicture
{
    private const int FirstPid = 1000;
    private const int Priority = 120;

    internal static void Write(Explanation explanation, Stream stream)
    {
        using var text = new StreamWriter(stream, new UTF8Encoding(false), leaveOpen: true) { NewLine = "\n" };
        new Writer(text, explanation.Trace).Write(explanation);
    }

    private sealed class Writer(TextWriter text, ExecutionTrace trace)
    {
        private readonly ContextMoment[] _contexts = [.. trace.Start.Contexts];
        private readonly CpuMoment[] _cpus = [.. trace.Start.Cpus];
        private readonly int[] _running = new int[trace.Start.Cpus.Count]; // What sched_switch has said; -1 for idle.

        private int Tasks => trace.Wants.Count;

        internal void Write(Explanation explanation)
        {
            text.WriteLine("# tracer: nop");
            text.WriteLine("#");
            text.WriteLine($"# {explanation.Experiment.Name}: {explanation.Headline}");
            text.WriteLine("#                                _-----=> irqs-off");
            text.WriteLine("#                               / _----=> need-resched");
            text.WriteLine("#                              | / _---=> hardirq/softirq");
            text.WriteLine("#                              || / _--=> preempt-depth");
            text.WriteLine("#                              ||| / _-=> migrate-disable");
            text.WriteLine("#           TASK-PID     CPU#  |||||  TIMESTAMP  FUNCTION");
            Array.Fill(_running, -1);
            Switch(0);
            foreach (TraceStep step in trace.Steps)
                WriteStep(step);
        }

        private void WriteStep(TraceStep step)
        {
            int cpu = Math.Max(0, step.Cpu);
            string task = TaskOn(cpu, step.Context);
            string flags = Flags(cpu, step.Context);
            int number = 0;
            foreach (TraceEvent happened in step.Events.Where(IsTold))
            {
                long time = ((step.Number - 1) * 1000L) + number++;
                if (happened.Woken >= 0)
                {
                    Line(task, cpu, flags, time, $"sched_waking: comm={Comm(happened.Woken)} pid={Pid(happened.Woken)} "
                        + $"prio={Priority} target_cpu={Math.Max(0, _contexts[happened.Woken].Cpu):D3}");
                    continue;
                }

                bool hasPlace = happened.Function.Length > 0 && happened.Kind != TraceEventKind.Enter;
                string place = hasPlace ? $"{happened.Function}: " : "";
                Line(task, cpu, flags, time, $"print: {place}{Wording.Of(happened, trace)}");
            }

            foreach (ContextChange change in step.Contexts)
                _contexts[change.Context] = change.Now;

            foreach (CpuChange change in step.Cpus)
                _cpus[change.Cpu] = change.Now;

            Switch((step.Number * 1000L) - 1);
        }

        private static bool IsTold(TraceEvent happened) =>
            happened is not { Change.Role: not RegionRole.Kernel } && happened.Kind != TraceEventKind.Leave;

        /// <summary>Says which CPUs run another task than was said last.</summary>
        private void Switch(long time)
        {
            for (int cpu = 0; cpu < _cpus.Length; cpu++)
            {
                int next = TaskOf(cpu);
                int before = _running[cpu];
                if (next == before)
                    continue;

                _running[cpu] = next;
                string state = before < 0 ? "R" : StateOf(before);
                string away = $"prev_comm={Comm(before)} prev_pid={Pid(before)} prev_prio={Priority} "
                    + $"prev_state={state}";
                string to = $"next_comm={Comm(next)} next_pid={Pid(next)} next_prio={Priority}";
                Line(TaskText(before), cpu, "d..2.", time, $"sched_switch: {away} ==> {to}");
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

        private string StateOf(int context) => _contexts[context].Activity switch
        {
            ContextActivity.Asleep => "D",
            ContextActivity.Ended => "X",
            _ => "R",
        };

        private string TaskOn(int cpu, int context) => TaskText(context < Tasks ? context : _running[cpu]);

        private static string TaskText(int task) => $"{Comm(task)}-{Pid(task)}";

        private static string Comm(int task) => task < 0 ? "swapper" : $"task_{task}";

        private static int Pid(int task) => task < 0 ? 0 : FirstPid + task;

        private string Flags(int cpu, int context)
        {
            int count = _contexts[context].PreemptCount;
            char interrupt = !PreemptCount.IsInInterrupt(count) ? '.'
                : (count & (PreemptCount.Active - 1)) >= PreemptCount.HardirqOffset ? 'h'
                : 's';
            int depth = PreemptCount.DepthOf(count);
            return $"{(_cpus[cpu].IrqsDisabled ? 'd' : '.')}.{interrupt}{(depth == 0 ? "." : $"{depth:x}")}.";
        }

        private void Line(string task, int cpu, string flags, long microseconds, string what)
        {
            string time = string.Create(
                CultureInfo.InvariantCulture, $"{microseconds / 1_000_000}.{microseconds % 1_000_000:D6}");
            text.WriteLine($"{task,20}    [{cpu:D3}] {flags} {time,12}: {what}");
        }
    }
}
