using Kmaplab.Scheduler.Detection;
using Kmaplab.Scheduler.Simulation;
using Kmaplab.Scheduler.Simulation.Memory;
using Kmaplab.Scheduler.Simulation.Operations;
using Kmaplab.Scheduler.Threads.Orders;

namespace Kmaplab.Scheduler.Recordings;

/// <summary>Does on the simulated machine what threads have done, step by step, and compares.</summary>
/// <remarks>
/// <para>
/// The same code runs on both, so a task stands in front of the operation that comes next in the recording, or
/// something is wrong: the kind, the object and what the operation yields are compared at each step. The machine stops
/// in front of every operation (<see cref="SchedulingPoints.All"/>).
/// </para>
/// <para>
/// Whatever differs may be the order of accesses that nothing has ordered. So other orders that follow from the
/// recording are tried from a moment before (<see cref="OrderSearch"/>): nearby first, then from further and further
/// back. In none of them does a task do anything but what it did, so a failure that shows in one is the recorded one.
/// </para>
/// </remarks>
public sealed class RecordingReplay
{
    private const int StepsBetweenMarks = 32;
    private const int MarksMax = 16; // Besides the first.
    private const int StepsAhead = 64; // That must go well before another order is believed.

    private readonly Machine _machine;
    private readonly Recording _recording;
    private readonly StepFollower _follower;
    private readonly StepOrder _order;
    private readonly OrderSearch _search;
    private readonly List<ReplayMark> _marks = [];
    private RecordingReport? _end;

    /// <summary>A replay on a machine of its own.</summary>
    /// <exception cref="UsageException">It does not stop in front of every operation.</exception>
    public RecordingReplay(MachineImage image, Recording recording)
    {
        ArgumentNullException.ThrowIfNull(image);
        ArgumentNullException.ThrowIfNull(recording);
        if (image.Options.Points != SchedulingPoints.All)
            throw new UsageException("a recording is replayed on a machine that stops in front of every operation");

        bool isBooted = recording.Run.Start.Count == 0;
        _machine = new Machine(isBooted ? image : image.BeginningWith(recording.Run.Start), copyOnResume: true);
        _recording = recording;
        _follower = new StepFollower(_machine, recording.Run.Objects);
        _order = new StepOrder(recording.Run);
        _search = new OrderSearch(_machine, _follower, _order, IsEnd);
    }

    /// <summary>Runs all of it.</summary>
    public RecordingReport Run()
    {
        _follower.Begin();
        while (true)
        {
            RecordingReport report = RunOn();
            if (IsAsFarAsItGoes(report))
                return report;

            if (!Search())
                return report with { StepsTried = _search.Trials };

            if (_end is { } end)
                return end with { StepsTried = _search.Trials };
        }
    }

    private RecordingReport RunOn()
    {
        while (!_order.IsOver)
        {
            _follower.NoteEarlierFinding(_order.Done);
            if (_marks.Count == 0 || _order.Done % StepsBetweenMarks == 0)
                Keep();

            RecordedStep next = _order.First();
            if (_follower.Follow(next) is { } divergence)
                return Report(divergence);

            _order.Do(next.Task);
        }

        return Judge();
    }

    private void Keep()
    {
        if (_marks.Count > MarksMax)
            _marks.RemoveAt(1);

        _marks.Add(ReplayMark.Of(_follower, _order));
    }

    private bool Search()
    {
        if (_marks.Count == 0)
            return false;

        int goal = _order.Done + StepsAhead;
        for (int mark = _marks.Count - 1; ; mark = mark > 0 && mark < 4 ? 0 : mark - 3)
        {
            mark = Math.Max(mark, 0);
            if (_search.Reach(_marks[mark], goal))
            {
                _marks.RemoveRange(mark + 1, _marks.Count - mark - 1);
                return true;
            }

            if (mark == 0)
                return false;
        }
    }

    private bool IsEnd()
    {
        RecordingReport report = Judge();
        _end = IsAsFarAsItGoes(report) ? report : null;
        return _end is not null;
    }

    private bool IsAsFarAsItGoes(RecordingReport report) =>
        report.Reproduced || (_recording.IsCutOff && report.Divergence is null);

    private RecordingReport Judge()
    {
        if (_recording.IsCutOff)
            return Report(null);

        if (_recording.Run.Finder < 0)
            return JudgeEnd();

        _follower.GoOn(_recording.Run.Finder);
        return Report(null);
    }

    private RecordingReport JudgeEnd()
    {
        if (_recording.Experiment.Verdict is { } verdict && !_machine.Enabled().IsEmpty)
            return Report($"this is where the threads show {verdict.Name()}, and tasks can still run");

        _follower.NoteEarlierFinding(_order.Done);
        _machine.CheckReached();
        int compared = 0;
        string? different = null;
        foreach ((NamedWords words, MemoryRegion? region) in StartMemory.Pair(_machine.Image, _recording.Run.Words))
        {
            if (region is not null)
                different ??= Compare(words, region, ref compared);
        }

        return Report(null) with
        {
            WordsCompared = compared,
            DifferentWord = different,
            Reproduced = different is null && IsAsRecorded(),
        };
    }

    private string? Compare(NamedWords words, MemoryRegion region, ref int compared)
    {
        for (int i = 0; i < words.Words.Count; i++)
        {
            compared++;
            int address = region.Start + i;
            if (_machine.Memory[address] != words.Words[i])
                return $"{_machine.Image.NameOf(address)} is {_machine.Memory[address]}, and was {words.Words[i]}";
        }

        return null;
    }

    private RecordingReport Report(string? divergence)
    {
        bool isSame = !_recording.IsCutOff && IsAsRecorded();
        return new RecordingReport
        {
            Steps = _order.Done,
            StepsOfAll = _order.Count,
            Finding = _machine.Finding,
            Earlier = _follower.Earlier,
            Divergence = divergence,
            Reproduced = divergence is null && isSame,
            Transitions = _follower.Transitions,
        };
    }

    // The same class, of the same task, in the same words; the simulated machine may know more to say.
    private bool IsAsRecorded()
    {
        if (_machine.Finding is not { } finding)
            return _recording.Experiment.Verdict is null;

        int finder = _recording.Run.Finder;
        return finding.Class == _recording.Experiment.Verdict
            && finding.FirstLine.StartsWith(_recording.Experiment.Message, StringComparison.Ordinal)
            && (finder < 0 || finder == _machine.CurrentContext);
    }
}
