using System.Diagnostics.CodeAnalysis;
using System.Text.Json.Serialization;
using Kmaplab.Stress.Conformance.Format.Json;

namespace Kmaplab.Stress.Conformance.Format.Lines;

/// <summary>The first line of a trace with a table.</summary>
internal sealed record TableHeaderLine
{
    public required TableConfigLine Config { get; init; }
    public required StateLine State { get; init; }
}

/// <summary>The first line of an atomic trace.</summary>
internal sealed record AtomicHeaderLine
{
    public required AtomicConfigLine Config { get; init; }
    public required AtomicStateLine State { get; init; }
}

/// <summary>The configuration of the four kinds with a table, in the order of the file.</summary>
internal sealed record TableConfigLine
{
    [JsonRequired] public string Trace { get; set; } = "";
    [JsonRequired] public string Kind { get; set; } = "";
    [JsonRequired] public string Profile { get; set; } = "";
    [JsonRequired] public string Version { get; set; } = "";
    [JsonRequired] public long LastPkmap { get; set; }
    [JsonRequired] public long NPages { get; set; }
    [JsonRequired] public long NTasks { get; set; }
    [JsonRequired] public long PkmapBase { get; set; }
    [JsonRequired] public long PageShift { get; set; }
    [JsonRequired] public bool Smp { get; set; }
    [JsonRequired] public string StateEncoding { get; set; } = "";
    [JsonRequired] public PageAddress[] LowPages { get; set; } = [];
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)] public bool HashShown { get; set; }
    public uint[]? PagePtr { get; set; }
    [DisallowNull] public long? HashBits { get; set; }
    public int[]? PageBucket { get; set; }
    public ProgramOp[][]? Programs { get; set; }
    public int[]? Schedule { get; set; }

    public static TableConfigLine Of(TraceConfig config, TableConfig table) => new()
    {
        Trace = config.Trace,
        Kind = Words<TraceKind>.Of(config.Kind),
        Profile = config.Profile,
        Version = config.Version,
        LastPkmap = config.LastPkmap,
        NPages = config.PageCount,
        NTasks = table.TaskCount,
        PkmapBase = config.PkmapBase,
        PageShift = config.PageShift,
        Smp = table.Smp,
        StateEncoding = Words<StateEncoding>.Of(table.Encoding),
        LowPages = Pages.WithAddress(config.LowPages),
        HashShown = table.Hash is not null,
        PagePtr = table.Hash is { PagePtr: var pointers } ? [.. pointers] : null,
        HashBits = table.Hash?.Bits,
        PageBucket = table.Hash is { PageBucket: var buckets } ? [.. buckets] : null,
        Programs = table.Fine is { Programs: var programs } ? [.. programs.Select(program => program.ToArray())] : null,
        Schedule = table.Fine is { Schedule: var schedule } ? [.. schedule] : null,
    };

    /// <summary>The configuration, once its parts are known to fit.</summary>
    public TraceConfig ToConfig() => new()
    {
        Trace = Trace,
        Kind = Rule.Word<TraceKind>("kind", Kind),
        Profile = Profile,
        Version = Version,
        LastPkmap = (int)LastPkmap,
        PageCount = (int)NPages,
        PkmapBase = (uint)PkmapBase,
        PageShift = (int)PageShift,
        LowPages = Pages.Addresses("low_pages", LowPages, (int)NPages),
        Table = new()
        {
            TaskCount = (int)NTasks,
            Smp = Smp,
            Encoding = Rule.Word<StateEncoding>("state_encoding", StateEncoding),
            Hash = HashShown ? new((int)HashBits!.Value, new(PagePtr!), new(PageBucket!)) : null,
            Fine = Programs is null
                ? null
                : new([.. Programs.Select(program => new ValueArray<ProgramOp>(program))], new(Schedule!)),
        },
    };
}

/// <summary>The configuration of an atomic trace, in the order of the file.</summary>
internal sealed record AtomicConfigLine
{
    [JsonRequired] public string Trace { get; set; } = "";
    [JsonRequired] public string Kind { get; set; } = "";
    [JsonRequired] public string Profile { get; set; } = "";
    [JsonRequired] public string Version { get; set; } = "";
    [JsonRequired] public bool Debug { get; set; }
    [JsonRequired] public long NCpus { get; set; }
    [JsonRequired] public long NPages { get; set; }
    [JsonRequired] public long PageShift { get; set; }
    [JsonRequired] public uint[] PagePfn { get; set; } = [];
    [JsonRequired] public PageAddress[] LowPages { get; set; } = [];
    [JsonRequired] public TypeNumber[] Types { get; set; } = [];
    [JsonRequired] public long NTypes { get; set; }
    [JsonRequired] public long FixKmapBegin { get; set; }
    [JsonRequired] public long FixaddrTop { get; set; }
    [JsonRequired] public long FixaddrStart { get; set; }
    [JsonRequired] public long PageOffset { get; set; }
    [JsonRequired] public long PkmapBase { get; set; }
    [JsonRequired] public long LastPkmap { get; set; }

    public static AtomicConfigLine Of(TraceConfig config, AtomicConfig atomic) => new()
    {
        Trace = config.Trace,
        Kind = Words<TraceKind>.Of(config.Kind),
        Profile = config.Profile,
        Version = config.Version,
        Debug = atomic.Debug,
        NCpus = atomic.CpuCount,
        NPages = config.PageCount,
        PageShift = config.PageShift,
        PagePfn = [.. atomic.PagePfn],
        LowPages = Pages.WithAddress(config.LowPages),
        Types = [.. atomic.Types],
        NTypes = atomic.TypeCount,
        FixKmapBegin = atomic.FixKmapBegin,
        FixaddrTop = atomic.FixaddrTop,
        FixaddrStart = atomic.FixaddrStart,
        PageOffset = atomic.PageOffset,
        PkmapBase = config.PkmapBase,
        LastPkmap = config.LastPkmap,
    };

    /// <summary>The configuration, once its parts are known to fit.</summary>
    public TraceConfig ToConfig() => new()
    {
        Trace = Trace,
        Kind = Rule.Word<TraceKind>("kind", Kind),
        Profile = Profile,
        Version = Version,
        LastPkmap = (int)LastPkmap,
        PageCount = (int)NPages,
        PkmapBase = (uint)PkmapBase,
        PageShift = (int)PageShift,
        LowPages = Pages.Addresses("low_pages", LowPages, (int)NPages),
        Atomic = new()
        {
            Debug = Debug,
            CpuCount = (int)NCpus,
            PagePfn = new(PagePfn),
            Types = new(Types),
            TypeCount = (int)NTypes,
            FixKmapBegin = (int)FixKmapBegin,
            FixaddrTop = (uint)FixaddrTop,
            FixaddrStart = (uint)FixaddrStart,
            PageOffset = (uint)PageOffset,
        },
    };
}
