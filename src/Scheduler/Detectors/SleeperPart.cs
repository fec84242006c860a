using Kmaplab.Scheduler.Simulation;
using Kmaplab.Scheduler.Simulation.Memory;

namespace Kmaplab.Scheduler.Detectors;

/// <summary>Whether, as far as one wait queue goes, no task can be a forgotten sleeper.</summary>
/// <remarks>
/// It says of a state what <see cref="ForgottenSleeperDetector"/> would, but for looking at each stack only once, and
/// without a machine that stands in the state.
/// </remarks>
internal sealed class SleeperPart : StatePart
{
    private readonly StateSight _sight;
    private readonly SleepDeclaration _sleep;
    private readonly TaskTable _tasks; // Views of the state, by which nothing is logged.
    private readonly WaitQueueTable _queues;
    private Answer[] _isInside = new Answer[256]; // For each stack whether the sleeper's function is on it.

    internal SleeperPart(StateSight sight, SleepDeclaration sleep)
    {
        _sight = sight;
        _sleep = sleep;
        _tasks = new TaskTable(sight.Memory, sight.Machine.Tasks.Count, sight.Machine.Tasks.Contexts);
        _queues = new WaitQueueTable(sight.Memory, _tasks);
    }

    private enum Answer : byte
    {
        NotKnown,
        No,
        Yes,
    }

    internal override bool LooksItself => true;

    internal override bool HoldsPlainly() =>
        _sight.Memory[_sleep.SpinLock] != 0
        || ForgottenSleeperDetector.SleeperOn(_tasks, _queues, _sleep.WaitQueue) < 0
        || ForgottenSleeperDetector.IsSomebodyObliged(_tasks, _sleep, new Seen(this));

    internal override bool Holds() => !_sleep.IsThere();

    private bool IsInside(int stack)
    {
        if (stack >= _isInside.Length)
            Array.Resize(ref _isInside, Math.Max(stack + 1, _isInside.Length * 2));

        ref Answer answer = ref _isInside[stack];
        if (answer == Answer.NotKnown)
            answer = ForgottenSleeperDetector.IsInside(_sight.Frames[stack], _sleep.Sleeper) ? Answer.Yes : Answer.No;

        return answer == Answer.Yes;
    }

    private readonly struct Seen(SleeperPart part) : ForgottenSleeperDetector.ICalls
    {
        public bool Have(int context, string function) => part.IsInside(part._sight.Stacks[context]);
    }
}
