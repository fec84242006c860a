using Kmaplab.Scheduler.Detection;
using Kmaplab.Scheduler.Detectors;
using Kmaplab.Scheduler.Simulation;
using Kmaplab.Scheduler.Simulation.Hardware;

namespace Kmaplab.Scheduler.Exploration;

/// <summary>
/// Notices that a long execution has come back to an earlier state, and judges whether it can go round like that for
/// ever.
/// </summary>
/// <remarks>
/// R. Brent, "An improved Monte Carlo factorization algorithm", 1980: each state is compared with one that is kept, and
/// another one is kept after twice as many steps. A loop is reported only if nobody finishes anything on it although
/// everybody who could go on somewhere on it does so. A walk at random that has left somebody out is no evidence: it
/// goes on.
/// </remarks>
/// <param name="machine">What is run.</param>
/// <param name="observers">Who is told of the run that counts, if it is run again.</param>
internal sealed class LivelockWatch(Machine machine, IExecutionObserver[] observers)
{
    private const int LeastPatience = 1024;
    private const int StepsEach = 64; // Of thousands of tasks none finishes anything before all have begun.

    /// <summary>Steps without progress after which an execution is watched.</summary>
    internal int Patience { get; } =
        machine.Tasks.Contexts > Transition.MaxSmall ? StepsEach * machine.Tasks.Contexts : LeastPatience;

    private UInt128 _kept;
    private int _keptAt = -1;
    private int _power;
    private LoopCheck? _sinceKept;

    /// <summary>
    /// Steps at the end of the schedule that lead back to where they began; 0 unless <see cref="Look"/> has found a
    /// livelock.
    /// </summary>
    internal int Loop { get; private set; }

    internal void Begin()
    {
        _keptAt = -1;
        Loop = 0;
    }

    /// <summary>Progress was made: what came before is no part of a loop.</summary>
    internal void Forget() => _keptAt = -1;

    /// <summary>
    /// Looks at the state after <paramref name="schedule"/>. True if that ends in a livelock, which the machine has as
    /// its finding then; <paramref name="schedule"/> is as short as its loop allows.
    /// </summary>
    internal bool Look(ref Transition[] schedule, ref int steps)
    {
        UInt128 state = machine.StateHash();
        if (_keptAt >= 0)
        {
            _sinceKept!.After(schedule[steps - 1]);
            if (state == _kept && _sinceKept.IsIdle)
                return IsLivelock(ref schedule, ref steps);
        }

        if (_keptAt < 0 || steps - _keptAt >= _power)
        {
            _power = _keptAt < 0 ? 1 : _power * 2;
            _kept = state;
            _keptAt = steps;
            _sinceKept = new LoopCheck(machine);
        }

        _sinceKept!.Before();
        return false;
    }

    private bool IsLivelock(ref Transition[] schedule, ref int steps)
    {
        int loop = steps - _keptAt;
        Transition[] run = ShortestLasso(schedule.AsSpan(0, steps), loop);
        var endless = new LoopObserver(machine, run.Length - loop);
        new Execution(machine, observers: [endless, .. observers]).Follow(new ReplayStrategy(run));
        endless.Conclude(FailureClass.Livelock);
        if (machine.Finding is null)
        {
            // Only code that is not deterministic gets here; the machine is put where it was.
            _keptAt = -1;
            new Execution(machine, observers: observers).Follow(new ReplayStrategy(schedule.AsSpan(0, steps)));
            return false;
        }

        schedule = run;
        steps = run.Length;
        Loop = loop;
        return true;
    }

    /// <summary>The first way into the loop, and then once round it from there.</summary>
    private Transition[] ShortestLasso(ReadOnlySpan<Transition> run, int loop)
    {
        int start = run.Length - loop;
        var trail = new StateTrail(looksOutside: false);
        if (!new Execution(machine, observers: trail).Follow(new ReplayStrategy(run)))
            return run.ToArray(); // Code that is not deterministic.

        List<UInt128> states = [.. trail.States];
        var places = new Dictionary<UInt128, int>();
        for (int step = start; step < run.Length; step++)
            places.TryAdd(states[step], step);

        int entry = states.FindIndex(places.ContainsKey);
        int rotation = places[states[entry]];
        return [.. run[..entry], .. run[rotation..], .. run[start..rotation]];
    }
}
