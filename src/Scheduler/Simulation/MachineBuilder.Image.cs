using Kmaplab.Scheduler.Coroutines;
using Kmaplab.Scheduler.Detection;
using Kmaplab.Scheduler.Kernel;
using Kmaplab.Scheduler.Simulation.Memory;
using Kmaplab.Scheduler.Simulation.Operations;
using Kmaplab.Scheduler.Simulation.Outside;
using Kmaplab.Scheduler.Simulation.Running;

namespace Kmaplab.Scheduler.Simulation;

/// <content>What is declared for proofs, and the image that comes of it all.</content>
public sealed partial class MachineBuilder
{
    private readonly List<int[]> _movingWithFrames = [];
    private readonly List<TaskGroup> _interchangeable = [];
    private readonly List<RecordGroup> _records = [];
    private bool _hasRewritings;
    private readonly List<Func<Finding?>> _stateChecks = [];
    private readonly List<SleepDeclaration> _sleeps = [];
    private readonly List<UseDeclaration> _uses = [];
    private readonly List<GivenBackDeclaration> _givenBack = [];
    private readonly List<Func<PageFrame, bool>> _freeFrames = [];
    private bool _canRenameFrames = true;

    /// <inheritdoc/>
    public void DeclareInUse(VirtualPage first, int pages, Func<int, bool> isInUse) =>
        _uses.Add(new UseDeclaration(first.Index, pages, isInUse));

    /// <inheritdoc/>
    public void DeclareGivenBack(VirtualPage first, int pages, Func<int, PageFrame, bool> isGivenBack) =>
        _givenBack.Add(new GivenBackDeclaration(first.Index, pages, isGivenBack));

    /// <inheritdoc/>
    public void DeclareInterchangeable(int firstTask, int tasks, int firstPage, int pagesEach)
    {
        if (_isPinned && tasks > 1)
            _interchangeable.Add(new TaskGroup(firstTask, tasks, firstPage, pagesEach));
    }

    /// <inheritdoc/>
    public void DeclareMovingWithFrames(IReadOnlyList<int> addresses) => _movingWithFrames.Add([.. addresses]);

    /// <inheritdoc/>
    public void ForbidRenamingFrames() => _canRenameFrames = false;

    /// <inheritdoc/>
    public void Canonicalize(Action<int[]> canonicalizer) => _hasRewritings = true;

    /// <inheritdoc/>
    public void DeclareInterchangeableRecords(
        int records, IReadOnlyList<int> fields, IReadOnlyList<int> links, Action<int[]> order)
    {
        if (records > 1)
            _records.Add(new RecordGroup(records, [.. fields], [.. links], order));
    }

    /// <inheritdoc/>
    public void DeclareFree(Func<PageFrame, bool> isFree) => _freeFrames.Add(isFree);

    /// <inheritdoc/>
    public void Always(Func<Finding?> check) => _stateChecks.Add(check);

    /// <inheritdoc/>
    public void DeclareSleep(int waitQueue, int spinLock, string sleeper, Func<bool> isThere) =>
        _sleeps.Add(new SleepDeclaration(waitQueue, spinLock, sleeper, isThere));

    private MachineImage Image(int stackBase)
    {
        ProofHints hints = Hints();
        IEnumerable<Delegate> bodies =
            [.. _tasks.Select(task => task.Body), .. _interrupts.Select(interrupt => interrupt.Handler)];
        var mmu = new MmuLayout([.. _mapped], _pages, _pageTableBase, _tlbBase, _frames, _low, _frameBase);
        return new MachineImage(_options, _arena, mmu, hints)
        {
            Slot = _slot,
            Cpus = _cpus,
            IsPinned = _isPinned,
            InterruptBase = _interruptBase,
            CallLock = _callLock,
            Tasks = [.. _tasks],
            Interrupts = [.. _interrupts],
            Contexts = _contexts,
            CpuBase = _cpuBase,
            StackBase = stackBase,
            PlainBase = _plainBase,
            Detectors = [.. _detectors],
            WaitQueues = [.. _waitQueues],
            QueueAddresses = [.. _waitQueues.Select(queue => queue.Address)],
            SpinLocks = [.. _spinLocks],
            InnerLocks = [.. _innerLocks],
            EndChecks = [.. _endChecks],
            StuckChecks = [.. _stuckChecks],
            PageNames = [.. _pageNames],
            WaitExplanations = [.. _waitExplanations],
            Outside = new OutsideState([.. bodies, .. CodeOf(hints), .. _detectors], typeof(SimulatedKernel)),
            Objects = new KernelObjects([.. bodies.Cast<Delegate>()]),
        };
    }

    private ProofHints Hints()
    {
        bool canRename = _canRenameFrames && (_options.Points & SchedulingPoints.InnerLocks) == 0;
        return new ProofHints
        {
            Interchangeable = canRename ? [.. _interchangeable] : [],
            MovingWithFrames = [.. _movingWithFrames],
            Records = [.. _records],
            HasRewritings = _hasRewritings,
            Sleeps = [.. _sleeps],
            Uses = [.. _uses],
            GivenBack = [.. _givenBack],
            FreeFrames = [.. _freeFrames],
            StateChecks = [.. _stateChecks],
        };
    }

    /// <summary>The code of the scenario that is asked while its tasks run.</summary>
    private IEnumerable<Delegate> CodeOf(ProofHints hints) =>
        [.. hints.Code(), .. _endChecks, .. _stuckChecks, .. _waitExplanations];
}
