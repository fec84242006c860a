using System.Threading;

namespace Kmaplab.Scheduler.Threads.Tasks;

/// <summary>Where the threads of all tasks wait for each other, to begin again or to end.</summary>
/// <param name="tasks">The number of tasks.</param>
/// <param name="turn">
/// Done by one of them while all others stand still; yields whether they begin again.
/// </param>
internal sealed class TaskBarrier(int tasks, Func<bool> turn)
{
    private readonly object _lock = new();
    private int _left = tasks;
    private int _arrived;
    private int _turns;
    private bool _goesOn;

    /// <summary>Waits for all others; yields whether to begin again.</summary>
    internal bool Await()
    {
        lock (_lock)
        {
            int now = _turns;
            _arrived++;
            Turn();
            while (_turns == now)
                Monitor.Wait(_lock);

            return _goesOn;
        }
    }

    /// <summary>The running thread comes here no more.</summary>
    internal void Leave()
    {
        lock (_lock)
        {
            _left--;
            Turn();
        }
    }

    private void Turn()
    {
        if (_arrived != _left || _arrived == 0)
            return;

        _goesOn = turn();
        _arrived = 0;
        _turns++;
        Monitor.PulseAll(_lock);
    }
}
