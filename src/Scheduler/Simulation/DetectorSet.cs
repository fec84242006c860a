using Kmaplab.Scheduler.Coroutines;
using Kmaplab.Scheduler.Coroutines.Source;
using Kmaplab.Scheduler.Detection;
using Kmaplab.Scheduler.Kernel;
using Kmaplab.Scheduler.Simulation.Memory;
using Kmaplab.Scheduler.Simulation.Running;

namespace Kmaplab.Scheduler.Simulation;

/// <summary>
/// The detectors of one machine, by the events that they want to see, and the checks of its scenario.
/// </summary>
internal sealed class DetectorSet : IDetectorEvents
{
    private readonly Machine _machine;
    private readonly Detector[] _onPteChange;
    private readonly Detector[] _onWrongAccess;
    private readonly Detector[] _onAccess;
    private readonly Detector[] _onMaySleep;
    private readonly Detector[] _onExit;
    private readonly Detector[] _onSlotRelease;
    private readonly Detector[] _onQuiescent;
    private readonly Detector[] _onState;
    private readonly Func<Finding?>[] _stateChecks;
    private readonly Func<Finding?>[] _endChecks;

    internal DetectorSet(Machine machine, MachineImage image)
    {
        _machine = machine;
        _onPteChange = Subscribers(MachineEvents.PteChange);
        _onWrongAccess = Subscribers(MachineEvents.WrongAccess);
        _onAccess = Subscribers(MachineEvents.Access);
        _onMaySleep = Subscribers(MachineEvents.MaySleep);
        _onExit = Subscribers(MachineEvents.Exit);
        _onSlotRelease = Subscribers(MachineEvents.SlotRelease);
        _onQuiescent = Subscribers(MachineEvents.Quiescent);
        _onState = Subscribers(MachineEvents.State);
        _stateChecks = image.Hints.StateChecks;
        _endChecks = image.EndChecks;

        Detector[] Subscribers(MachineEvents events) =>
            [.. image.Detectors.Where(detector => (detector.Events & events) != 0)];
    }

    /// <summary>Whether any wants to see every access.</summary>
    public bool SeesAccesses => _onAccess.Length > 0;

    public void OnPteChange(int page, PageFrame before, PageFrame after)
    {
        foreach (Detector detector in _onPteChange)
            detector.OnPteChange(new MachineView(_machine), new VirtualPage(page), before, after);
    }

    public void OnWrongAccess(in MemoryAccess access)
    {
        foreach (Detector detector in _onWrongAccess)
            detector.OnWrongAccess(new MachineView(_machine), access);
    }

    public void OnAccess(in MemoryAccess access, int page)
    {
        foreach (Detector detector in _onAccess)
            detector.OnAccess(new MachineView(_machine), access, page);
    }

    public void OnMaySleep(int context, string function)
    {
        foreach (Detector detector in _onMaySleep)
            detector.OnMaySleep(new MachineView(_machine), context, function);
    }

    public void OnExit(int context)
    {
        foreach (Detector detector in _onExit)
            detector.OnExit(new MachineView(_machine), context);
    }

    public void OnSlotRelease(VirtualPage page)
    {
        foreach (Detector detector in _onSlotRelease)
            detector.OnSlotRelease(new MachineView(_machine), page);
    }

    /// <summary>A new state was reached.</summary>
    internal void CheckState()
    {
        foreach (Detector detector in _onState)
            detector.OnState(new MachineView(_machine));

        Check(_stateChecks);
    }

    /// <summary>
    /// The same in parts: where each holds, nothing is wrong with the state. <paramref name="sight"/> is the state that
    /// those are to look at who need no machine for it.
    /// </summary>
    internal StatePart[] PartsOfStateCheck(StateSight sight) =>
    [
        .. _onState.SelectMany(detector =>
            detector.PartsOfStateCheck(sight) ?? [new DetectorPart(_machine, detector)]),
        .. _stateChecks.Select(check => new CheckPart(check)),
    ];

    /// <summary>No transition is enabled any more; if everybody has finished, the scenario judges the end.</summary>
    internal void CheckQuiescence()
    {
        foreach (Detector detector in _onQuiescent)
            detector.OnQuiescent(new MachineView(_machine));

        for (int task = 0; task < _machine.Tasks.Count; task++)
        {
            if (_machine.Tasks.Status(task) != ContextStatus.Finished)
                return;
        }

        Check(_endChecks);
    }

    private void Check(Func<Finding?>[] checks)
    {
        foreach (Func<Finding?> check in checks)
        {
            if (ResultOf(check) is { } wrong)
                _machine.Report(wrong.Class, wrong.Message);
        }
    }

    private static Finding? ResultOf(Func<Finding?> check)
    {
        try
        {
            return check();
        }
        catch (Exception exception) when (exception is not (OutOfMemoryException or KernelMisuseException))
        {
            string name = FunctionName.OfLocal(check.Method.Name) ?? check.Method.Name;
            return new Finding(
                FailureClass.Assertion,
                $"a check of the scenario, {name}(), throws {exception.GetType().Name}: {exception.Message}");
        }
    }

    private sealed class DetectorPart(Machine machine, Detector detector) : StatePart
    {
        internal override bool Holds()
        {
            detector.OnState(new MachineView(machine));
            return machine.Finding is null;
        }
    }

    private sealed class CheckPart(Func<Finding?> check) : StatePart
    {
        internal override bool Holds() => ResultOf(check) is null;
    }
}
