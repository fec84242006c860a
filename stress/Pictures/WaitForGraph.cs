using Kmaplab.Scheduler.Traces;

namespace Kmaplab.Stress.Pictures;

/// <summary>Who waits for what at the end of a trace, and who has it.</summary>
/// <param name="Nodes">Contexts that cannot go on or hold what others wait for, then what they wait for.</param>
/// <param name="Edges">From who waits to what for, and from there to who has it.</param>
internal sealed record WaitForGraph(IReadOnlyList<WaitNode> Nodes, IReadOnlyList<WaitEdge> Edges)
{
    /// <summary>The graph of a trace's end; it has no nodes if nobody waits.</summary>
    internal static WaitForGraph Of(ExecutionTrace trace)
    {
        ContextMoment[] last = [.. trace.Start.Contexts];
        CpuMoment[] cpus = [.. trace.Start.Cpus];
        Dictionary<string, string> cells = [];
        foreach (MemoryCell cell in trace.Start.Cells)
            cells[cell.Name] = cell.Text;

        foreach (TraceStep step in trace.Steps)
        {
            foreach (ContextChange change in step.Contexts)
                last[change.Context] = change.Now;

            foreach (CpuChange change in step.Cpus)
                cpus[change.Cpu] = change.Now;

            foreach (MemoryChange change in step.Events.Select(happened => happened.Change).OfType<MemoryChange>())
                cells[change.Name] = change.After;
        }

        var edges = new List<WaitEdge>();
        var names = new HashSet<string>();
        for (int context = 0; context < last.Length; context++)
            AddWait(context);

        string[] contexts = [.. trace.Contexts];
        IEnumerable<WaitNode> people = contexts.Select((name, context) => (name, context))
            .Where(node => names.Contains(node.name))
            .Select(node => Describe(trace, last, node.context));
        IEnumerable<WaitNode> things = edges.SelectMany(edge => new[] { edge.From, edge.To }).Distinct()
            .Where(name => !contexts.Contains(name))
            .Select(name => new WaitNode(name, false, LinesOf(name)));
        var found = new WaitForGraph([.. people, .. things], edges);
        return found with
        {
            Edges = [.. edges.Select(edge => edge with { IsInCycle = found.Leads(edge.To, edge.From) })],
        };

        void AddWait(int context)
        {
            ContextMoment now = last[context];
            string name = trace.Contexts[context];
            string? label = now.Activity switch
            {
                ContextActivity.Spinning => "spins for",
                ContextActivity.Waiting => "waits for",
                ContextActivity.Asleep => "sleeps on",
                _ => null,
            };
            if (now.Activity == ContextActivity.Interrupted)
            {
                names.Add(name);
                Add(name, trace.Contexts[cpus[now.Cpu].Current], "is interrupted by");
                names.Add(trace.Contexts[cpus[now.Cpu].Current]);
            }

            if (label is null)
                return;

            names.Add(name);
            string[] things = now.WaitsFor.Split(", ", StringSplitOptions.RemoveEmptyEntries);
            foreach (string thing in things)
            {
                Add(name, thing, label);
                if (HolderOf(thing) is { } holder)
                {
                    names.Add(holder);
                    Add(thing, holder, thing.StartsWith("CPU ", StringComparison.Ordinal) ? "runs" : "held by");
                }
            }
        }

        string[] LinesOf(string thing) => Enumerable.Range(0, cpus.Length).Any(cpu =>
            thing == $"CPU {cpu}" && cpus[cpu].IrqsDisabled) ? ["interrupts are off"] : [];

        string? HolderOf(string thing)
        {
            for (int cpu = 0; cpu < cpus.Length; cpu++)
            {
                if (thing == $"CPU {cpu}")
                    return cpus[cpu].Current < 0 ? null : trace.Contexts[cpus[cpu].Current];
            }

            return cells.TryGetValue(thing, out string? text) && trace.Contexts.Contains(text) && IsLock(thing)
                ? text
                : null;
        }

        bool IsLock(string thing) => last.Any(now =>
            now.Activity == ContextActivity.Spinning && now.WaitsFor == thing);

        void Add(string from, string to, string label)
        {
            if (!edges.Exists(edge => edge.From == from && edge.To == to))
                edges.Add(new WaitEdge(from, to, label));
        }
    }

    private static WaitNode Describe(ExecutionTrace trace, ContextMoment[] last, int context)
    {
        var lines = new List<string>();
        if (last[context].Calls is [var innermost, ..])
            lines.Add($"in {innermost.Function}(){(innermost.Source is { } source ? $", {source}" : "")}");

        if (last[context].Pending.Length > 0)
            lines.Add(last[context].Pending);

        if (context < trace.Wants.Count)
            lines.AddRange(trace.Wants[context]);

        return new WaitNode(trace.Contexts[context], true, lines);
    }

    private bool Leads(string from, string to)
    {
        var seen = new HashSet<string>();
        var open = new Stack<string>([from]);
        while (open.TryPop(out string? name))
        {
            if (name == to)
                return true;

            if (seen.Add(name))
            {
                foreach (WaitEdge edge in Edges.Where(edge => edge.From == name))
                    open.Push(edge.To);
            }
        }

        return false;
    }
}

/// <summary>A node of a <see cref="WaitForGraph"/>.</summary>
/// <param name="Name">The context, or the lock, queue, word or CPU.</param>
/// <param name="IsContext">Whether it is a context.</param>
/// <param name="Lines">What else there is to say of it.</param>
internal sealed record WaitNode(string Name, bool IsContext, IReadOnlyList<string> Lines);

/// <summary>An edge of a <see cref="WaitForGraph"/>.</summary>
internal sealed record WaitEdge(string From, string To, string Label)
{
    /// <summary>Whether it leads back to where it comes from: nobody in such a circle can go on.</summary>
    internal bool IsInCycle { get; init; }
}
