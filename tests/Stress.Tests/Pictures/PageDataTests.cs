using System.Text.Json;
using Kmaplab.Scheduler.Exploration;
using Kmaplab.Scheduler.Schedules;
using Kmaplab.Scheduler.Simulation;
using Kmaplab.Scheduler.Simulation.Hardware;
using Kmaplab.Scheduler.Simulation.Memory;
using Kmaplab.Scheduler.Simulation.Operations;
using Kmaplab.Scheduler.Traces;
using Kmaplab.Stress.Pictures;
using Kmaplab.Stress.Pictures.Formats;

namespace Kmaplab.Stress.Tests.Pictures;

/// <summary>
/// What the page shows is what the machine was: its data is put together again, as its script does it, and compared
/// with a machine that follows the schedule by itself.
/// </summary>
public sealed class PageDataTests
{
    public static TheoryData<string> Races => [.. ExplanationSamples.Races];

    [Theory]
    [MemberData(nameof(Races))]
    public void After_each_step_every_cell_is_what_the_machine_holds(string race)
    {
        Explanation explanation = ExplanationSamples.Explain(race);
        JsonElement data = DataOf(explanation);
        string[] strings = Strings(data);
        string[] cells = [.. data.GetProperty("cells").EnumerateArray().Select(cell => strings[cell[2].GetInt32()])];
        string[] names = [.. data.GetProperty("cells").EnumerateArray().Select(cell => strings[cell[0].GetInt32()])];
        var log = new StateLog();
        Follow(explanation, log);

        Assert.Equal(log.Cells[0].Select(cell => (cell.Name, cell.Text)), names.Zip(cells));
        int moment = 0;
        foreach (JsonElement step in data.GetProperty("steps").EnumerateArray())
        {
            foreach (JsonElement happened in step[2].EnumerateArray())
            {
                if (happened[0].GetInt32() != (int)TraceEventKind.Write)
                    continue;

                int cell = happened[2].GetInt32();
                Assert.Equal(cells[cell], strings[happened[3].GetInt32()]);
                cells[cell] = strings[happened[4].GetInt32()];
            }

            moment++;
            Assert.Equal(log.Cells[moment].Select(cell => cell.Text), cells);
        }

        Assert.Equal(log.Cells.Count - 1, moment);
    }

    [Theory]
    [MemberData(nameof(Races))]
    public void After_each_step_every_context_and_cpu_does_what_the_machine_says(string race)
    {
        Explanation explanation = ExplanationSamples.Explain(race);
        JsonElement data = DataOf(explanation);
        string[] strings = Strings(data);
        JsonElement[] contexts = [.. data.GetProperty("start").GetProperty("contexts").EnumerateArray()];
        JsonElement[] cpus = [.. data.GetProperty("start").GetProperty("cpus").EnumerateArray()];
        var log = new StateLog();
        Follow(explanation, log);

        Check(0);
        int moment = 0;
        foreach (JsonElement step in data.GetProperty("steps").EnumerateArray())
        {
            for (int i = 0; i < step[3].GetArrayLength(); i += 2)
                contexts[step[3][i].GetInt32()] = step[3][i + 1];

            for (int i = 0; i < step[4].GetArrayLength(); i += 2)
                cpus[step[4][i].GetInt32()] = step[4][i + 1];

            Check(++moment);
        }

        void Check(int at)
        {
            Assert.Equal(log.Contexts[at], contexts.Select(now => new ContextFacts(
                (ContextActivity)now[0].GetInt32(), now[1].GetInt32(), now[2].GetInt32(), strings[now[3].GetInt32()])));
            Assert.Equal(log.Cpus[at], cpus.Select(now => (now[0].GetInt32(), now[1].GetInt32() != 0)));
        }
    }

    [Fact]
    public void Source_lines_of_the_page_are_those_of_the_file()
    {
        JsonElement data = DataOf(ExplanationSamples.Explain("no-wakeup"));
        int lines = 0;
        foreach (JsonElement file in data.GetProperty("files").EnumerateArray())
        {
            string path = Assert.Single(
                Checkout.Sources("src", "stress"), source => Path.GetFileName(source) == file.GetProperty("name").GetString());
            string[] text = File.ReadAllLines(path);
            foreach (JsonProperty line in file.GetProperty("lines").EnumerateObject())
            {
                Assert.Equal(text[int.Parse(line.Name) - 1], line.Value.GetString());
                lines++;
            }
        }

        Assert.True(lines > 50);
    }

    private static JsonElement DataOf(Explanation explanation) =>
        JsonDocument.Parse(PageData.Write(explanation)).RootElement;

    private static string[] Strings(JsonElement data) =>
        [.. data.GetProperty("strings").EnumerateArray().Select(text => text.GetString()!)];

    private static void Follow(Explanation explanation, StateLog log) =>
        new Replay(new Machine(explanation.Experiment.Boot()), log)
            .Run(explanation.Schedule.Transitions, explanation.Schedule.Verdict);

    private sealed record ContextFacts(ContextActivity Activity, int Cpu, int PreemptCount, string Pending);

    /// <summary>What a machine is before the first step, and after each; nothing of it comes from a trace.</summary>
    private sealed class StateLog : IExecutionObserver
    {
        internal List<IReadOnlyList<MemoryCell>> Cells { get; } = [];

        internal List<ContextFacts[]> Contexts { get; } = [];

        internal List<(int, bool)[]> Cpus { get; } = [];

        public void OnBegin(Machine machine) => Add(machine);

        public void OnPerformed(Machine machine, int step, Transition choice) => Add(machine);

        private void Add(Machine machine)
        {
            Cells.Add(new MemoryChanges(machine).Cells());
            Contexts.Add([.. Enumerable.Range(0, machine.Tasks.Contexts).Select(context => Facts(machine, context))]);
            Cpus.Add([.. Enumerable.Range(0, machine.Cpus.Count).Select(cpu =>
                (machine.Cpus.Current(cpu), machine.Cpus.IrqsDisabled(cpu)))]);
        }

        private static ContextFacts Facts(Machine machine, int context)
        {
            ContextStatus status = machine.Tasks.Status(context);
            int cpu = machine.Tasks.Cpu(context);
            bool runs = cpu >= 0 && machine.Cpus.Current(cpu) == context;
            ContextActivity activity = status switch
            {
                ContextStatus.Idle => ContextActivity.Idle,
                ContextStatus.Asleep => ContextActivity.Asleep,
                ContextStatus.Finished => ContextActivity.Ended,
                ContextStatus.Dead => ContextActivity.Dead,
                _ when cpu < 0 => ContextActivity.Ready,
                _ when !runs => ContextActivity.Interrupted,
                _ when machine.IsReady(context) => ContextActivity.Running,
                _ => machine.Tasks.Operation(context) is OperationKind.Acquire or OperationKind.SendShootdown
                    ? ContextActivity.Spinning
                    : ContextActivity.Waiting,
            };
            bool hasEnded = activity is ContextActivity.Idle or ContextActivity.Ended or ContextActivity.Dead;
            string pending = hasEnded || machine.Tasks.Operation(context) == OperationKind.None
                ? ""
                : OperationText.Describe(machine, context);
            return new ContextFacts(activity, cpu, machine.Tasks.PreemptCount(context), pending);
        }
    }
}
