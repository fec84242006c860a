namespace Kmaplab.Stress.Conformance;

/// <summary>Reads the step lines of a trace with a table.</summary>
internal sealed class StepDecoder
{
    private static readonly FieldNames s_names = new(
        "i", "task", "did", "next", "op", "page", "what", "index", "value", "vaddr", "blocked", "woken", "bug", "irq",
        "spinning", "livelock", "state");

    private static readonly ulong s_always = s_names.Set(
        "i", "task", "op", "vaddr", "blocked", "woken", "bug", "state");
    private static readonly ulong s_move = s_names.Set("did", "next");
    private static readonly ulong s_page = s_names.Set("page");
    private static readonly ulong s_value = s_names.Set("value");
    private static readonly ulong s_poke = s_names.Set("what", "index", "value");
    private static readonly ulong s_irq = s_names.Set("irq");
    private static readonly ulong s_hang = s_names.Set("spinning", "livelock");

    private readonly TraceConfig _config;
    private readonly TableConfig _table;
    private readonly StateDecoder _states;
    private readonly List<int> _tasks = [];

    private int _number, _index;
    private int? _task, _page;
    private long _value;
    private uint? _vaddr;
    private bool _blocked, _irq, _spinning, _livelock;
    private YieldLabel _did, _next;
    private TraceOp _op;
    private PokeTarget _what;
    private BugCode? _bug;
    private ValueArray<int> _woken;
    private TraceState? _state;

    public StepDecoder(TraceConfig config, ref JsonLine json)
    {
        _config = config;
        _table = config.Table!;
        _states = new StateDecoder(config, _table);
        Start = _states.Decode(ref json, 0);
    }

    public TraceState Start { get; }

    public TraceStep Decode(ref JsonLine json, int expected)
    {
        (_page, _irq, _spinning, _livelock) = (null, false, false, false);
        SeenFields seen = default;
        json.BeginObject();
        while (json.NextField(s_names, ref seen, out int field))
            DecodeField(ref json, s_names[field], expected);

        Check(ref json, seen, expected);
        return Build(ref json);
    }

    private void DecodeField(ref JsonLine json, string field, int expected)
    {
        switch (field)
        {
            case "i":
                _number = json.Int();
                break;
            case "task":
                _task = json.IndexOrNull(_table.TaskCount);
                break;
            case "did":
                _did = json.Word(TraceWords.Labels);
                break;
            case "next":
                _next = json.Word(TraceWords.Labels);
                break;
            case "op":
                _op = json.Word(TraceWords.Ops);
                break;
            case "page":
                _page = json.Index(_config.PageCount);
                break;
            case "what":
                _what = json.Word(TraceWords.PokeTargets);
                break;
            case "index":
                _index = json.Natural();
                break;
            case "value":
                _value = json.Long();
                break;
            case "vaddr":
                _vaddr = json.UnsignedOrNull();
                break;
            case "blocked":
                _blocked = json.Bool();
                break;
            case "woken":
                DecodeWoken(ref json);
                break;
            case "bug":
                _bug = json.WordOrNull(TraceWords.Bugs);
                break;
            case "irq":
                _irq = json.Mark();
                break;
            case "spinning":
                _spinning = json.Mark();
                break;
            case "livelock":
                _livelock = json.Mark();
                break;
            case "state":
                _state = _states.Decode(ref json, expected);
                break;
            default:
                throw new InvalidOperationException($"field '{field}' has no decoder");
        }
    }

    private void DecodeWoken(ref JsonLine json)
    {
        Lists.Ints(ref json, 0, _table.TaskCount, _tasks);
        _woken = Lists.Shared(_tasks, _woken);
    }

    private void Check(ref JsonLine json, in SeenFields seen, int expected)
    {
        ulong required = s_always | (_config.IsFine ? s_move : 0) | Arguments();
        ulong optional = _config.IsFine ? 0 : s_hang | (_op == TraceOp.Kunmap ? s_irq : 0);
        json.Require(s_names, seen, required, optional, $"a step '{TraceWords.Ops[_op]}'");
        if (_number != expected)
            throw json.Fail($"step {_number} stands where step {expected} must be");

        if (!Occurs())
            throw json.Fail($"'{TraceWords.Ops[_op]}' does not occur in kind '{TraceWords.Kinds[_config.Kind]}'");

        if (_task is null != (_op == TraceOp.Poke))
            throw json.Fail("'task' is null for a poke, and only then");

        if (_table.Fine is FineConfig fine)
            CheckSchedule(ref json, fine.Schedule);
    }

    private void CheckSchedule(ref JsonLine json, ValueArray<int> schedule)
    {
        if (_number > schedule.Count)
            throw json.Fail($"the schedule has only {schedule.Count} steps");

        if (schedule[_number - 1] != _task)
            throw json.Fail($"the schedule has task {schedule[_number - 1]} here, not {_task}");
    }

    private ulong Arguments() => _op switch
    {
        TraceOp.Poke => s_poke,
        TraceOp.SetPageAddress => s_page | s_value,
        _ => s_page,
    };

    private bool Occurs() => _op switch
    {
        TraceOp.Kmap or TraceOp.Kunmap or TraceOp.PageAddress => true,
        TraceOp.Resume => !_config.IsFine,
        TraceOp.Poke => _config.Kind == TraceKind.Coarse,
        _ => _config.Kind == TraceKind.Hash,
    };

    private TraceStep Build(ref JsonLine json) => new()
    {
        Number = _number,
        Task = _task,
        Move = _config.IsFine ? new(_did, _next) : null,
        Op = _op,
        Page = _page,
        Poke = _op == TraceOp.Poke ? CheckedPoke(ref json) : null,
        Value = _op == TraceOp.SetPageAddress ? CheckedAddress(ref json) : null,
        Vaddr = _vaddr,
        Blocked = _blocked,
        Woken = _woken,
        Bug = _bug,
        Irq = _irq,
        Spinning = _spinning,
        Livelock = _livelock,
        State = _state!,
    };

    private uint CheckedAddress(ref JsonLine json)
        => _value is >= 0 and <= uint.MaxValue ? (uint)_value : throw json.Fail($"'value': {_value} is no address");

    private Poke CheckedPoke(ref JsonLine json)
    {
        bool entry = _what == PokeTarget.PageTable;
        if (_what != PokeTarget.LastPkmapNr && _index >= _config.LastPkmap)
            throw json.Fail($"'index': {_index} is not from 0 to {_config.LastPkmap - 1}");

        if (_value < (entry ? -1 : int.MinValue) || _value >= (entry ? _config.PageCount : int.MaxValue))
            throw json.Fail($"'value': {_value} is out of range for '{TraceWords.PokeTargets[_what]}'");

        return new(_what, _index, (int)_value);
    }
}
