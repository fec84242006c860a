using Kmaplab.Scheduler.Exploration.Strategies.Learned;
using Kmaplab.Scheduler.Simulation;
using Kmaplab.Scheduler.Simulation.Hardware;

namespace Kmaplab.Scheduler.Exploration.Strategies;

/// <summary>
/// Makes all orders of the accesses to one object equally likely; between them it walks at random. Each execution
/// selects another one of the objects that several tasks touch.
/// </summary>
/// <remarks>
/// H. Zhao, D. Wolff, U. Mathur, A. Roychoudhury, "Selectively Uniform Concurrency Testing", 2025: who is to make the
/// next access is drawn by the number of accesses that each still has, and whoever else comes to one waits. The first
/// executions of a chunk are random walks that count.
/// </remarks>
[Strategy("surw", "uniformly among the orders of accesses to one object, another one each time")]
public sealed class SurwStrategy(ulong seed) : BiasedStrategy(seed), IPointStrategy
{
    private const int Profiles = 2;
    private const int NotCollected = -1;

    private readonly TouchedObjects _counts = new(); // How often.
    private int[] _left = [];
    private bool[] _isWaiting = [];
    private int[] _open = []; // The places of those that do not wait, in order, while one is picked.
    private int _opens = NotCollected;
    private int _executions;
    private int _selected; // 1 + its number; 0 while it counts.
    private int _intended;
    private int _waiting; // How many are.
    private int _contexts;

    /// <inheritdoc/>
    public override string Name => "surw";

    /// <inheritdoc/>
    public override void Forget()
    {
        base.Forget();
        _counts.Clear();
        _executions = 0;
    }

    /// <inheritdoc/>
    public override void End(Machine machine) => _executions++;

    /// <inheritdoc/>
    protected override void Prepare(Machine machine)
    {
        _counts.SizeFor(machine);
        if (_contexts != machine.Tasks.Contexts)
        {
            _contexts = machine.Tasks.Contexts;
            _left = new int[_contexts];
            _isWaiting = new bool[_contexts];
        }

        _intended = -1;
        NobodyWaits();
        _selected = _executions < Profiles ? 0 : Select();
        if (_selected == 0)
            return;

        for (int context = 0; context < _contexts; context++)
            _left[context] = (_counts[_selected][context] + Profiles - 1) / Profiles;
    }

    /// <inheritdoc/>
    private protected override void OnForced(in SchedulingPoint point, Transition transition)
    {
        if (IsSelected(point, transition))
            Access(transition.Subject);
    }

    /// <inheritdoc/>
    protected override int Pick(in SchedulingPoint point)
    {
        _opens = NotCollected;
        while (true)
        {
            int picked = PickNotWaiting(point);
            if (picked < 0)
            {
                // Whoever was to come next waits for one of those who wait for it.
                _intended = -1;
                NobodyWaits();
                picked = Next(point.Enabled.Length);
                OnForced(point, point.Enabled[picked]);
                return picked;
            }

            Transition transition = point.Enabled[picked];
            if (!IsSelected(point, transition))
                return picked;

            if (_intended < 0)
                _intended = DrawIntended(point, transition.Subject);

            if (transition.Subject == _intended)
            {
                Access(_intended);
                return picked;
            }

            _isWaiting[transition.Subject] = true;
            _waiting++;
            Close(picked);
        }
    }

    private void Access(int context)
    {
        if (_selected == 0)
            return;

        _left[context] = Math.Max(0, _left[context] - 1);
        _intended = -1;
        NobodyWaits();
    }

    private void NobodyWaits()
    {
        if (_waiting > 0)
            Array.Clear(_isWaiting);

        _waiting = 0;
    }

    private int PickNotWaiting(in SchedulingPoint point)
    {
        if (_waiting == 0)
            return Next(point.Enabled.Length);

        if (_opens == NotCollected)
            Collect(point);

        return _opens == 0 ? -1 : _open[Next(_opens)];
    }

    // Once for a step: among thousands each of them may be drawn, and told to wait, before one is picked.
    private void Collect(in SchedulingPoint point)
    {
        if (_open.Length < point.Enabled.Length)
            Array.Resize(ref _open, Math.Max(point.Enabled.Length, 2 * _open.Length));

        _opens = 0;
        for (int i = 0; i < point.Enabled.Length; i++)
        {
            if (!IsWaiting(point.Enabled[i]))
                _open[_opens++] = i;
        }
    }

    private void Close(int place)
    {
        int at = _opens == NotCollected ? -1 : _open.AsSpan(0, _opens).BinarySearch(place);
        if (at < 0)
            return;

        _opens--;
        Array.Copy(_open, at + 1, _open, at, _opens - at);
    }

    private bool IsWaiting(Transition transition) => transition.IsStep && _isWaiting[transition.Subject];

    /// <summary>Who is to make the next access; whoever is about to if nobody else has one left.</summary>
    private int DrawIntended(in SchedulingPoint point, int about)
    {
        int sum = 0;
        foreach (Transition transition in point.Enabled)
            sum += WeightOf(transition, about);

        int drawn = Next(sum);
        foreach (Transition transition in point.Enabled)
        {
            drawn -= WeightOf(transition, about);
            if (drawn < 0)
                return transition.Subject;
        }

        return about;
    }

    private int WeightOf(Transition transition, int about)
    {
        if (transition.Kind != TransitionKind.Step || IsWaiting(transition))
            return 0;

        return transition.Subject == about ? Math.Max(1, _left[about]) : _left[transition.Subject];
    }

    private bool IsSelected(in SchedulingPoint point, Transition transition)
    {
        if (_selected != 0)
            return _counts.Find(point, transition) == _selected;

        if (_counts.FindOrAdd(point, transition) is > 0 and var number)
            _counts[number][transition.Subject]++;

        return false;
    }

    /// <summary>One of the objects that several contexts have touched, in turn; 0 if there is none.</summary>
    private int Select()
    {
        int shared = 0;
        for (int number = 1; number <= _counts.Count; number++)
            shared += _counts.IsShared(number) ? 1 : 0;

        if (shared == 0)
            return 0;

        int turn = _executions % shared; // Not the execution's number, of which it may get every other one only.
        for (int number = 1; ; number++)
        {
            if (_counts.IsShared(number) && turn-- == 0)
                return number;
        }
    }
}
