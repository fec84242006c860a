using Kmaplab.Scheduler.Coroutines;
using Kmaplab.Scheduler.Detection;

namespace Kmaplab.Scheduler.Simulation;

/// <content>
/// What is wrong with an execution: asking the detectors, and keeping the first thing that was found.
/// </content>
public sealed partial class Machine
{
    /// <summary>Shows the present state to the detectors that look at every one.</summary>
    public void CheckState()
    {
        foreach (Detector detector in _onState)
            detector.OnState(new MachineView(this));

        Check(_image.StateChecks);
    }

    /// <summary>
    /// Judges the state that a schedule has led to: its end if nothing is enabled, and what must hold in every state.
    /// </summary>
    public void CheckReached()
    {
        MakeCurrent();
        if (Finding is null && Enabled().IsEmpty)
            Conclude();

        if (Finding is null)
            CheckState();
    }

    /// <summary>
    /// Tells the detectors that no transition is enabled any more; asks the scenario if everybody has finished.
    /// </summary>
    public void Conclude()
    {
        MakeCurrent();
        foreach (Detector detector in _onQuiescent)
            detector.OnQuiescent(new MachineView(this));

        for (int task = 0; task < Tasks.Count; task++)
        {
            if (Tasks.Status(task) != ContextStatus.Finished)
                return;
        }

        Check(_image.EndChecks);
    }

    /// <summary>Records what is wrong; only the first finding of an execution counts.</summary>
    public void Report(FailureClass failure, string message)
    {
        if (Finding is not null)
            return;

        Finding = new Finding(failure, message);
        FusedAtFinding = FusedOperations;
    }

    /// <summary>Forgets the finding, for a caller that goes on after it.</summary>
    public void ForgetFinding() => Finding = null;

    private void Check(Func<Finding?>[] checks)
    {
        foreach (Func<Finding?> check in checks)
        {
            if (ResultOf(check) is { } wrong)
                Report(wrong.Class, wrong.Message);
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
            return new Finding(FailureClass.Assertion, $"a check of the scenario, {FunctionName.OfLocal(check.Method.Name) ?? check.Method.Name}(), throws {exception.GetType().Name}: {exception.Message}");
        }
    }
}
