using System.Threading;
using Kmaplab.Scheduler.Exploration;
using Kmaplab.Scheduler.Simulation;
using Kmaplab.Scheduler.Simulation.Hardware;

namespace Kmaplab.Scheduler.Playing;

/// <summary>
/// Looks for a way to a failure from the state that a machine is in: through all states around it, nearest first, and
/// if those are too many by executions that are drawn at random.
/// </summary>
/// <remarks>It uses the machine up.</remarks>
internal sealed class WaySearch(
    Machine machine, FailureSearchBounds bounds, Func<bool>? isUnwanted, CancellationToken cancellation)
{
    private const int WordsMax = 48 << 20;
    private const int WalkMax = 10_000;
    private const int LooksEvery = 256;

    private readonly SavedState _start = new(machine);
    private readonly List<(int Before, Transition Transition)> _reached = [];
    private readonly HashSet<UInt128> _seen = [machine.StateHash()];
    private readonly Queue<(int Number, SavedState State)> _open = [];

    private int StatesMax => Math.Min(bounds.States, WordsMax / machine.Memory.Length);

    internal FailureSearch Run() => Spread() ?? Walk();

    /// <summary>Null if there are more states than may be seen.</summary>
    private FailureSearch? Spread()
    {
        _open.Enqueue((-1, _start));
        while (_open.TryDequeue(out (int Number, SavedState State) node))
        {
            if (IsOver())
                return Interrupted(0);

            node.State.Restore();
            foreach (Transition next in machine.Enabled().ToArray())
            {
                node.State.Restore();
                machine.Perform(next);
                machine.CheckReached();
                if (machine.Finding is { } finding)
                    return new FailureSearch(WayTo(node.Number, next), finding, _reached.Count, 0);

                if (!_seen.Add(machine.StateHash()))
                    continue;

                if (_reached.Count >= StatesMax)
                    return null;

                _reached.Add((node.Number, next));
                _open.Enqueue((_reached.Count - 1, new SavedState(machine)));
            }
        }

        return new FailureSearch([], null, _reached.Count, 0) { IsComplete = true };
    }

    private bool IsOver()
    {
        cancellation.ThrowIfCancellationRequested();
        return isUnwanted?.Invoke() == true;
    }

    private FailureSearch Interrupted(int executions) =>
        new([], null, _reached.Count, executions) { IsInterrupted = true };

    private Transition[] WayTo(int number, Transition last)
    {
        var way = new Stack<Transition>([last]);
        for (; number >= 0; number = _reached[number].Before)
            way.Push(_reached[number].Transition);

        return [.. way];
    }

    private FailureSearch Walk()
    {
        int steps = 0;
        int executions = 0;
        var way = new List<Transition>();
        while (steps < bounds.Steps)
        {
            executions++;
            way.Clear();
            var random = new Pcg32(bounds.Seed, (ulong)executions);
            _start.Restore();
            while (machine.Finding is null && way.Count < WalkMax && steps < bounds.Steps)
            {
                if (steps++ % LooksEvery == 0 && IsOver())
                    return Interrupted(executions);

                ReadOnlySpan<Transition> enabled = machine.Enabled();
                if (enabled.IsEmpty)
                {
                    machine.Conclude();
                    break;
                }

                Transition next = enabled[random.Next(enabled.Length)];
                way.Add(next);
                machine.Perform(next);
            }

            if (machine.Finding is { } finding)
                return new FailureSearch([.. way], finding, _reached.Count, executions);
        }

        return new FailureSearch([], null, _reached.Count, executions);
    }
}
