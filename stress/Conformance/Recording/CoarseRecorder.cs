using Kmaplab.Scheduler.Exploration;
using Kmaplab.Stress.Conformance.Replay;

namespace Kmaplab.Stress.Conformance.Recording;

/// <summary>Records whole operations of correct tasks: each unmaps what it has mapped, in any order.</summary>
internal sealed class CoarseRecorder
{
    private readonly RecordOptions _options;
    private readonly TraceConfig _config;
    private readonly TableReplay _replay;
    private readonly TraceState _start;
    private readonly List<TraceStep> _steps = [];
    private readonly List<int>[] _held;
    private readonly int _depth;
    private Pcg32 _random;

    public CoarseRecorder(RecordOptions options, PortFactory port)
    {
        _options = options;
        _config = RecordedConfig.Table(options, fine: null);
        _replay = new TableReplay(_config, port);
        _start = _replay.State;
        _held = [.. Enumerable.Range(0, options.Tasks).Select(_ => new List<int>())];
        _depth = options.Depth > 0 ? options.Depth : 1 + ((options.Slots - 1) / options.Tasks);
        _random = new Pcg32(options.Seed, stream: 0);
    }

    public RecordedTrace Record()
    {
        while (_steps.Count < _options.Steps)
        {
            int[] awake =
            [
                .. Enumerable.Range(0, _options.Tasks).Where(task => _replay.State.Tasks[task] != TaskCondition.Asleep),
            ];
            if (awake.Length == 0)
                break;

            Step(awake[_random.Next(awake.Length)]);
        }

        return new RecordedTrace { Config = _config, Start = _start, Steps = _steps, End = _replay.End(null) };
    }

    private void Step(int task)
    {
        TraceStep step = _replay.State.Tasks[task] == TaskCondition.Idle
            ? _replay.Operate(task, Choose(task))
            : _replay.Resume(task);
        _steps.Add(step);
        if (step.Vaddr is not null && step.Op != TraceOp.PageAddress)
            _held[task].Add(step.Page!.Value);
    }

    private Operation Choose(int task)
    {
        List<int> held = _held[task];
        switch (_random.Next(8))
        {
            case 0:
                return new Operation(TraceOp.PageAddress, _random.Next(_options.Pages));
            case < 5 when held.Count < _depth:
                return new Operation(TraceOp.Kmap, _random.Next(_options.Pages));
            default:
                return held.Count > 0 ? Unmap(held) : new Operation(TraceOp.Kmap, _random.Next(_options.Pages));
        }
    }

    private Operation Unmap(List<int> held)
    {
        int index = _random.Next(held.Count);
        int page = held[index];
        held.RemoveAt(index);
        return new Operation(TraceOp.Kunmap, page);
    }
}
