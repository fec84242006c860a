using Kmaplab.Scheduler.Coroutines.Source;
using Kmaplab.Scheduler.Simulation;

namespace Kmaplab.Scheduler.Traces;

/// <summary>Compares, after each step, what contexts and CPUs do with what they did before.</summary>
internal sealed class MomentLog
{
    private readonly Machine _machine;
    private readonly IReadOnlyList<KernelCall>[] _calls;
    private readonly AnnouncedText[] _announced;
    private readonly ContextMoment[] _contexts;
    private readonly CpuMoment[] _cpus;

    /// <summary>Begins with what is now.</summary>
    internal MomentLog(Machine machine)
    {
        _machine = machine;
        _calls = [.. Enumerable.Range(0, machine.Tasks.Contexts).Select(machine.Calls)];
        _announced =
            [.. Enumerable.Range(0, machine.Tasks.Contexts).Select(context => new AnnouncedText(machine, context))];
        _contexts =
            [.. _calls.Select((calls, context) => ContextMoment.Of(machine, context, calls, _announced[context]))];
        _cpus = [.. Enumerable.Range(0, machine.Cpus.Count).Select(cpu => CpuMoment.Of(machine, cpu))];
    }

    /// <summary>The contexts as they are now, by number.</summary>
    internal IReadOnlyList<ContextMoment> Contexts => [.. _contexts];

    /// <summary>The CPUs as they are now, by number.</summary>
    internal IReadOnlyList<CpuMoment> Cpus => [.. _cpus];

    /// <summary>The contexts that are not as they were; <paramref name="runner"/> is the one that has run.</summary>
    internal IReadOnlyList<ContextChange> ContextsChanged(int runner)
    {
        var changes = new List<ContextChange>();
        for (int context = 0; context < _contexts.Length; context++)
        {
            if (context == runner)
                _calls[context] = _machine.Calls(context);

            var now = ContextMoment.Of(_machine, context, _calls[context], _announced[context]);
            if (now == _contexts[context])
                continue;

            _contexts[context] = now;
            changes.Add(new ContextChange(context, now));
        }

        return changes;
    }

    /// <summary>The CPUs that are not as they were.</summary>
    internal IReadOnlyList<CpuChange> CpusChanged()
    {
        var changes = new List<CpuChange>();
        for (int cpu = 0; cpu < _cpus.Length; cpu++)
        {
            var now = CpuMoment.Of(_machine, cpu);
            if (now == _cpus[cpu])
                continue;

            _cpus[cpu] = now;
            changes.Add(new CpuChange(cpu, now));
        }

        return changes;
    }
}
