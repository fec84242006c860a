using Kmaplab.Scheduler.Exploration;
using Kmaplab.Stress.Conformance.Replay;

namespace Kmaplab.Stress.Conformance.Recording;

/// <summary>Records the moves of tasks that each run a short program, in a random order.</summary>
internal sealed class FineRecorder
{
    private const int PairsMax = 4; // A task maps and unmaps up to so many pages.

    private readonly RecordOptions _options;
    private readonly TraceConfig _config;
    private readonly TableReplay _replay;
    private readonly TraceState _start;
    private readonly List<TraceStep> _steps = [];
    private readonly int[] _begun;
    private Pcg32 _random;

    public FineRecorder(RecordOptions options, PortFactory port)
    {
        _options = options;
        _random = new Pcg32(options.Seed, stream: 0);
        _begun = new int[options.Tasks];
        ValueArray<ProgramOp>[] programs = [.. Enumerable.Range(0, options.Tasks).Select(_ => Program())];
        _config = RecordedConfig.Table(options, new FineConfig(new(programs), Schedule: default));
        _replay = new TableReplay(_config, port);
        _start = _replay.State;
    }

    private FineConfig Fine => _config.Table!.Fine!;

    public RecordedTrace Record()
    {
        while (_steps.Count < _options.Steps)
        {
            int[] movable = [.. Enumerable.Range(0, _options.Tasks).Where(CanMove)];
            if (movable.Length == 0)
                break;

            Move(movable[_random.Next(movable.Length)]);
        }

        // Only now is it known who moved when.
        FineConfig fine = Fine with { Schedule = [.. _steps.Select(step => step.Task!.Value)] };
        TraceConfig config = _config with { Table = _config.Table! with { Fine = fine } };
        return new RecordedTrace { Config = config, Start = _start, Steps = _steps, End = _replay.End(null) };
    }

    private void Move(int task)
    {
        TraceStep step = _replay.Move(task);
        _steps.Add(step);
        if (step.Move!.Value.Did == YieldLabel.Begin)
            _begun[task]++;
    }

    private bool CanMove(int task) => _replay.State.Tasks[task] switch
    {
        TaskCondition.Idle => _begun[task] < Fine.Programs[task].Count,
        TaskCondition.Asleep or TaskCondition.Dead => false,
        _ => true,
    };

    private ValueArray<ProgramOp> Program()
    {
        var program = new List<ProgramOp>();
        for (int pairs = 1 + _random.Next(PairsMax); pairs > 0; pairs--)
        {
            int page = _random.Next(_options.Pages);
            program.Add(new ProgramOp(TraceOp.Kmap, page));
            if (_random.Next(2) == 0)
                program.Add(new ProgramOp(TraceOp.PageAddress, _random.Next(_options.Pages)));

            program.Add(new ProgramOp(TraceOp.Kunmap, page));
        }

        return new([.. program]);
    }
}
