using System.Runtime.CompilerServices;

namespace Kmaplab.Scheduler.Simulation.Memo;

/// <summary>
/// Which of the steps that are found are performed as well: many of the first ones, as most searches are short.
/// </summary>
internal struct CheckRhythm(int every)
{
    private readonly int _every = Math.Max(1, every);
    private int _left = 1;

    /// <summary>How many were.</summary>
    internal long Count { get; private set; }

    /// <summary>Whether the one that was just found is.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal bool IsDue()
    {
        if (--_left > 0)
            return false;

        _left = (int)Math.Min(_every, ++Count + 1);
        return true;
    }
}
