using System.Threading;

namespace Kmaplab.Scheduler.Simulation;

/// <summary>
/// Shows to others which code of a scenario runs, so that they see if it never comes back: a task that loops without
/// awaiting anything does not.
/// </summary>
/// <remarks>Machines count calls and know nothing of time; whoever looks has the clock.</remarks>
public sealed class CallWatch
{
    private readonly Lock _lock = new();
    private readonly List<WeakReference<Machine>> _machines = [];
    private int _machinesMax = 64;

    /// <summary>The calls that run just now.</summary>
    public IReadOnlyList<RunningCall> Running()
    {
        var running = new List<RunningCall>();
        lock (_lock)
        {
            foreach (WeakReference<Machine> weak in _machines)
            {
                if (weak.TryGetTarget(out Machine? machine) && machine.Runner.Calls is var calls && calls % 2 == 1)
                    running.Add(new RunningCall(machine, calls));
            }
        }

        return running;
    }

    internal void Add(Machine machine)
    {
        lock (_lock)
        {
            if (_machines.Count >= _machinesMax)
            {
                _machines.RemoveAll(weak => !weak.TryGetTarget(out _));
                _machinesMax = Math.Max(_machinesMax, 2 * _machines.Count);
            }

            _machines.Add(new WeakReference<Machine>(machine));
        }
    }
}

/// <summary>A call of a scenario's code that has not come back; two are equal if they are the same call.</summary>
/// <param name="Machine">The machine that has called.</param>
/// <param name="Number">How often it had called or been come back to.</param>
public readonly record struct RunningCall(Machine Machine, long Number)
{
    /// <summary>Whose code it is: "task 1 (worker) of churn".</summary>
    public string Code => Machine.RunningCode;
}
