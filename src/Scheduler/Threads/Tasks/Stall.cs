namespace Kmaplab.Scheduler.Threads.Tasks;

/// <summary>
/// Sees that nothing gets done. A process that is stopped, or starved by others, does not count: nobody looks
/// meanwhile, and half of the time must have been computed.
/// </summary>
/// <param name="lookMs">How often somebody looks.</param>
/// <param name="limitMs">How long nothing may get done.</param>
internal sealed class Stall(int lookMs, int limitMs)
{
    private long _operations = -1;
    private int _looks;
    private TimeSpan _computed;

    internal double Seconds => limitMs / 1e3;

    internal bool IsOver(long operations)
    {
        TimeSpan computed = Environment.CpuUsage.TotalTime;
        if (operations == _operations)
            return ++_looks * lookMs > limitMs && (computed - _computed).TotalMilliseconds > limitMs / 2.0;

        _operations = operations;
        _looks = 0;
        _computed = computed;
        return false;
    }
}
