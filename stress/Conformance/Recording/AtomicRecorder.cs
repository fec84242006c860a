using Kmaplab.Allocator;
using Kmaplab.Allocator.Memory;
using Kmaplab.Scheduler.Exploration;
using Kmaplab.Stress.Conformance.Replay;

namespace Kmaplab.Stress.Conformance.Recording;

/// <summary>Records atomic mappings of callers who mostly, but not always, unmap what they have mapped.</summary>
internal sealed class AtomicRecorder
{
    private const int MistakeIn = 16; // One unmapping in so many is of a wrong address.

    private readonly RecordOptions _options;
    private readonly TraceConfig _config;
    private readonly AtomicReplay _replay;
    private readonly Stack<AtomicStep>[] _mapped;
    private Pcg32 _random;

    public AtomicRecorder(RecordOptions options, PortFactory port)
    {
        _options = options;
        _config = RecordedConfig.Atomic(options);
        _replay = new AtomicReplay(_config, port);
        _mapped = [.. Enumerable.Range(0, options.Cpus).Select(_ => new Stack<AtomicStep>())];
        _random = new Pcg32(options.Seed, stream: 0);
    }

    public RecordedTrace Record()
    {
        AtomicState start = _replay.State;
        var steps = new List<AtomicStep>();
        while (steps.Count < _options.Steps)
        {
            AtomicStep step = _replay.Take(Choose(_random.Next(_options.Cpus)));
            steps.Add(step);
            if (step is { Op: AtomicOp.KmapAtomic or AtomicOp.KmapAtomicPfn, Bug: null })
                _mapped[step.Cpu].Push(step);
        }

        var end = new TraceEnd { Reason = EndReason.Ok, Steps = steps.Count };
        return new RecordedTrace { Config = _config, AtomicStart = start, AtomicSteps = steps, End = end };
    }

    private AtomicStep Choose(int cpu)
    {
        AtomicStep call = new()
        {
            Number = 0,
            Cpu = cpu,
            Op = AtomicOp.KmapAtomic,
            Type = RandomType(),
            State = _replay.State,
        };
        switch (_random.Next(8))
        {
            case 0:
                return call with { Op = AtomicOp.KmapAtomicPfn, Pfn = RandomFrame() };
            case 1:
                return call with { Op = AtomicOp.KmapAtomicToPage, Type = null, Addr = RandomAddress() };
            case < 5 when _mapped[cpu].TryPop(out AtomicStep? mapped):
                uint address = _random.Next(MistakeIn) == 0 ? RandomAddress() : mapped.Result!.Value;
                return call with { Op = AtomicOp.KunmapAtomic, Type = mapped.Type, Addr = address };
            default:
                return call with { Page = _random.Next(_options.Pages) };
        }
    }

    private string RandomType() => KmTypes.NameOf(KmTypes.All[_random.Next(KmTypes.All.Count)]);

    private uint RandomFrame() => _config.Atomic!.PagePfn[_random.Next(_options.Pages)];

    // Anything from low memory, below the fixmap, inside it and above it.
    private uint RandomAddress() =>
        _random.Next(4) switch
        {
            0 => MemoryMap.PageOffset + (uint)_random.Next(1 << 28),
            1 => _config.PkmapBase + (uint)_random.Next(1 << 20),
            2 => _config.Atomic!.FixaddrStart
                + (uint)_random.Next((int)(_config.Atomic!.FixaddrTop - _config.Atomic!.FixaddrStart)),
            _ => _config.Atomic!.FixaddrTop + (uint)_random.Next(1 << PkmapLayout.PageShift),
        };
}
