using System.Globalization;
using System.Text;
using Kmaplab.Scheduler.Traces;

namespace Kmaplab.Stress.Pictures.Tracing;

/// <summary>A trace as the kernel's ftrace prints it, which Perfetto and text tools read.</summary>
internal static class FtracePicture
{
    internal static void Write(Explanation explanation, Stream stream)
    {
        using var text = new StreamWriter(stream, new UTF8Encoding(false), leaveOpen: true) { NewLine = "\n" };
        new Writer(text, explanation.Trace).Write(explanation);
    }

    private sealed class Writer(TextWriter text, ExecutionTrace trace) : FtraceWalk(trace)
    {
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
            Walk();
        }

        protected override void Print(in FtraceMoment at, string function, string what) =>
            Line(at, $"print: {(function.Length > 0 ? $"{function}: " : "")}{what}");

        protected override void Waking(in FtraceMoment at, int task, int cpu) =>
            Line(at, $"sched_waking: comm={Comm(task)} pid={Pid(task)} prio={Priority} target_cpu={cpu:D3}");

        protected override void Switch(in FtraceMoment at, int before, char state, int next)
        {
            string away = $"prev_comm={Comm(before)} prev_pid={Pid(before)} prev_prio={Priority} prev_state={state}";
            string to = $"next_comm={Comm(next)} next_pid={Pid(next)} next_prio={Priority}";
            Line(at, $"sched_switch: {away} ==> {to}");
        }

        private void Line(in FtraceMoment at, string what)
        {
            string time = string.Create(
                CultureInfo.InvariantCulture, $"{at.Microseconds / 1_000_000}.{at.Microseconds % 1_000_000:D6}");
            string depth = at.Depth == 0 ? "." : $"{at.Depth:x}";
            string flags = $"{(at.IrqsOff ? 'd' : '.')}.{at.Interrupt}{depth}.";
            string task = $"{Comm(at.Task)}-{Pid(at.Task)}";
            text.WriteLine($"{task,20}    [{at.Cpu:D3}] {flags} {time,12}: {what}");
        }
    }
}
