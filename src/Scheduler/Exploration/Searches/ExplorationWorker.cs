using System.Threading;
using Kmaplab.Scheduler.Coroutines.Stacks;
using Kmaplab.Scheduler.Detection;
using Kmaplab.Scheduler.Simulation;
using Kmaplab.Scheduler.Simulation.Cells;
using Kmaplab.Scheduler.Simulation.Hardware;
using Kmaplab.Scheduler.Simulation.Outside;

namespace Kmaplab.Scheduler.Exploration.Searches;

/// <summary>One thread of an <see cref="Explorer"/>, with machines of its own: runs chunks of executions.</summary>
/// <remarks>
/// It begins on a machine that performs every step. Only when it has made so many that recording them can pay does it
/// take one that looks them up, and goes back for good if too few are found again; what that one has recorded is turned
/// into cells when it has made many more. What is found does not depend on it.
/// </remarks>
internal sealed class ExplorationWorker
{
    private const int ChunkSize = SearchStrategy.ChunkSize;
    private const int FirstChecked = 8; // Executions that are always run again, step by step.
    private const int CutOffStepsChecked = 10_000; // Of an execution that has reached the step limit.
    private const long WordsChecked = 1L << 27; // Of memory, over all steps of an execution that is run again.

    private readonly Func<MachineImage> _boot;
    private readonly ExplorerOptions _options;
    private readonly SearchStrategy _strategy;
    private readonly Machine _performer; // Performs every step.
    private readonly Execution _plain;
    private readonly DistinctExecutions _distinct;
    private readonly DeterminismCheck _determinism;
    private readonly OutsideWatch _plainOutside;
    private Machine? _recorder; // Looks steps up; null before it pays, and when it does not.
    private Execution? _recorded;
    private OutsideWatch _outside; // Of the image whose machine runs.
    private readonly bool _isLarge; // So many tasks that hardly any step is met a second time.
    private readonly int _stepsMax;
    private readonly long _comparedChunk; // The one whose executions are compared.
    private bool _hasGivenUp;
    private bool _hasGivenUpCells;
    private long _stepsPlain; // Those that were made before any was looked up.
    private long _stepsOnCells; // Those that were made when they were asked for the last time.

    /// <summary>Boots the machine that it steps first.</summary>
    internal ExplorationWorker(Func<MachineImage> boot, SearchStrategy strategy, ExplorerOptions options)
    {
        _boot = boot;
        _strategy = strategy;
        _options = options;
        _performer = new Machine(boot());
        _isLarge = _performer.Tasks.Contexts > Transition.MaxSmall;
        _stepsMax = StepsMax(options, _performer.Tasks.Contexts);
        _comparedChunk = options.ComparesPart ? options.FirstChunk : 0;
        _plain = new Execution(_performer, _stepsMax);
        _distinct = new DistinctExecutions(_performer.Image, options.ComparedMax);
        _determinism = new DeterminismCheck(_performer);
        _plainOutside = new OutsideWatch(_performer.Image.Outside);
        _outside = _plainOutside;
    }

    /// <summary>Steps that it has made.</summary>
    internal long Steps { get; private set; }

    /// <summary>Runs the executions of a chunk, up to the first that fails unless all are wanted.</summary>
    internal ExplorationChunk Run(long number, CancellationToken cancellation)
    {
        ExplorationChunk chunk = RunChunk(number, ChooseMachine(), cancellation);
        Steps += chunk.Report.Steps;
        return chunk;
    }

    private Execution ChooseMachine()
    {
        if (_options.Memo is null || _isLarge || _hasGivenUp || Steps < _options.StepsBeforeMemo)
            return _plain;

        if (_recorder is null)
        {
            MachineImage image = BootAnother();
            _recorder = new Machine(image, new FrameStore(comparesWhole: false), _options.Memo);
            _recorded = new Execution(_recorder, _stepsMax);
            _outside = new OutsideWatch(image.Outside);
            _stepsPlain = Steps;
        }
        else if (!_recorder.Memo!.PaysOff(Steps - _stepsPlain, LeadsToCells))
        {
            (_recorder, _recorded) = (null, null);
            _outside = _plainOutside;
            _hasGivenUp = true;
            return _plain;
        }

        ChooseCells();
        return _recorded!;
    }

    private bool LeadsToCells => !_hasGivenUpCells && _strategy is IPointStrategy;

    private void ChooseCells()
    {
        if (!LeadsToCells || Steps < _options.StepsBeforeCells)
            return;

        if (_recorded!.Cells is { } cells)
            _hasGivenUpCells = !cells.PaysOff(Steps - _stepsOnCells);
        else if (_options.ForcesCells ? CellMachine.IsPossible(_recorder!) : CellMachine.Pays(_recorder!))
            _recorded.Cells = new CellMachine(_recorder!, _options.Memo!);
        else
            _hasGivenUpCells = true;

        _stepsOnCells = Steps;
        if (_hasGivenUpCells)
            _recorded.Cells = null;
    }

    private ExplorationChunk RunChunk(long chunk, Execution execution, CancellationToken cancellation)
    {
        long first = (chunk * ChunkSize) + 1;
        long last = Math.Min(_options.Executions, first + ChunkSize - 1);
        long steps = 0;
        long cutOff = 0;
        long failures = 0;
        long number = first;
        bool isCompared = chunk == _comparedChunk;
        int longest = 0;
        FailedExecution? failed = null;
        for (; number <= last && !cancellation.IsCancellationRequested; number++)
        {
            execution.Run(_strategy, number);
            if (isCompared)
                _distinct.Keep(execution, number - first + 1, last - first + 1);

            steps += execution.Steps;
            longest = Math.Max(longest, execution.Steps);
            if (execution.IsCutOff)
            {
                cutOff++;
                execution.Machine.RefuseEndlessRecursion();
            }

            if (FindingOf(execution, number, isLast: number == last) is not { } finding)
                continue;

            failures++;
            if (failed is null)
            {
                _distinct.Compare(); // Now, as a test may run on what was booted last, and that is another image soon.
                failed = Confirmed(execution, number, finding);
            }

            if (!_options.KeepGoing)
            {
                number++;
                break;
            }
        }

        _distinct.Compare();
        var report = new ExplorationReport
        {
            Executions = number - first,
            Steps = steps,
            CutOff = cutOff,
            StepsMax = longest,
            Failures = failures,
            Compared = isCompared ? _distinct.Compared : 0,
            Distinct = isCompared ? _distinct.Count : 0,
            Curve = isCompared ? _distinct.Curve() : null,
            Classes = isCompared ? _distinct.Sample() : null,
            ClassCounts = isCompared && _options.ComparesPart ? _distinct.Counts() : null,
            First = failed,
        };
        return new ExplorationChunk(chunk, report, IsWhole: number > last);
    }

    /// <summary>What is wrong with an execution, or with running it a second time.</summary>
    private Finding? FindingOf(Execution execution, long number, bool isLast)
    {
        if (execution.Finding is { } finding)
            return finding;

        if ((_outside.IsDue(execution.Steps) || isLast) && _outside.FindChange() is { } change)
            return new Finding(FailureClass.Nondeterminism, change);

        bool isChecked = number <= FirstChecked || number % Math.Max(1, _options.DeterminismEvery) == 0;
        if (_options.DeterminismEvery > 0 && isChecked && IsSame(execution) is { } differs)
            return differs;

        return number == 1 ? _determinism.Image.FindDifference(BootAnother()) : null;
    }

    private MachineImage BootAnother()
    {
        MachineImage image = _boot();
        _performer.Image.Outside.BootedOnThread();
        return image;
    }

    // What was cut off has no end to compare, and comparing all of it would take longer than all executions that are
    // not checked; so it is with a long execution on a large machine, of which the beginning must do.
    private Finding? IsSame(Execution execution)
    {
        int compared = (int)Math.Min(execution.Steps, Math.Max(1, WordsChecked / _performer.Memory.Length));
        if (execution.IsCutOff)
            return _determinism.Run(execution.Schedule[..Math.Min(compared, CutOffStepsChecked)]);

        return compared < execution.Steps
            ? _determinism.Run(execution.Schedule[..compared])
            : _determinism.RunAgain(execution.Schedule, execution.EndState());
    }

    private static int StepsMax(ExplorerOptions options, int contexts) => contexts <= Transition.MaxSmall
        ? options.StepsMax
        : (int)Math.Min(int.MaxValue, (long)options.StepsMax * contexts / Transition.MaxSmall);

    private FailedExecution Confirmed(Execution execution, long number, Finding finding)
    {
        Transition[] schedule = execution.Schedule.ToArray();
        var counter = new PreemptionCounter();
        Finding confirmed = Confirmed(finding, schedule, execution.Loop, counter);
        return new FailedExecution(number, confirmed, schedule)
        {
            Loop = execution.Loop,
            Preemptions = counter.Preemptions,
        };
    }

    /// <summary>
    /// What a machine that is booted anew says of a failure: the same, or that it depends on something outside the
    /// machine.
    /// </summary>
    private Finding Confirmed(Finding finding, Transition[] schedule, int loop, PreemptionCounter counter)
    {
        var machine = new Machine(_boot());
        if (new DeterminismCheck(machine).Run(schedule) is { Class: FailureClass.Nondeterminism } differs)
            return differs;

        if (finding.Class == FailureClass.Nondeterminism)
            return finding; // The first machine has seen it; what it was may not happen twice.

        ScheduleRun.Run(machine, schedule, loop, finding.Class, counter);
        string second = machine.Finding is { } found
            ? $"{found.Class.Name()} ({found.Message.Split('\n')[0]})"
            : "nothing wrong";
        return machine.Finding?.Class == finding.Class
            ? finding
            : new Finding(
                FailureClass.Nondeterminism,
                $"the same schedule showed {finding.Class.Name()} ({finding.Message.Split('\n')[0]}) at first, and "
                + $"{second} on a machine booted anew: "
                    + "the scenario depends on something outside the machine");
    }
}

/// <summary>What a chunk of executions has shown.</summary>
/// <param name="Number">Which chunk, from 0.</param>
/// <param name="Report">What it has shown.</param>
/// <param name="IsWhole">
/// Nothing can follow a chunk that is not whole, because it was cancelled or has ended at a failure: a report has no
/// gaps.
/// </param>
internal readonly record struct ExplorationChunk(long Number, ExplorationReport Report, bool IsWhole);
