using Kmaplab.Scheduler.Exploration;

namespace Kmaplab.Scheduler.Tests.Exploration;

/// <summary>
/// Lets the last task that can go on come first in the executions that are named, and the first task in all others.
/// </summary>
internal sealed class CommandedStrategy(Func<long, bool> lastFirst, Action<long>? onBegin = null) : SearchStrategy
{
    private bool _lastFirst;

    public override string Name => "commanded";

    public override void Begin(long execution)
    {
        _lastFirst = lastFirst(execution);
        onBegin?.Invoke(execution);
    }

    public override int Choose(in SchedulingPoint point) => _lastFirst ? point.Enabled.Length - 1 : 0;
}
