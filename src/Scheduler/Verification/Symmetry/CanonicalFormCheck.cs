using Kmaplab.Scheduler.Coroutines.Stacks;
using Kmaplab.Scheduler.Detection;
using Kmaplab.Scheduler.Simulation;
using Kmaplab.Scheduler.Simulation.Hardware;
using Kmaplab.Scheduler.Verification.States;

namespace Kmaplab.Scheduler.Verification.Symmetry;

/// <summary>
/// Goes on from states as they are and from what scenarios rewrite them into, and tells if that leads to something
/// else.
/// </summary>
/// <remarks>
/// To renumber records (<see cref="Kernel.IProofHints.DeclareInterchangeableRecords"/>) is right only if a state and
/// what it becomes have the same future. A local that names a record breaks that: the rewriting sees memory, and no
/// locals. That steps are alike under all numbers is tried for all of them (<see cref="EveryStepCheck"/>); here whole
/// rewritings are, on the same sample of states as in <see cref="EquivarianceCheck"/>. One thread, one object.
/// </remarks>
internal sealed class CanonicalFormCheck(MachineImage image, Machine machine, FrameCache frames, IReducedSearch search)
{
    private readonly StateTrial _trial = new(machine, frames);
    private readonly Transition[] _enabled = new Transition[image.TransitionsMax];
    private readonly Transition[] _enabledThen = new Transition[image.TransitionsMax];
    private readonly TrialState _raw = new(image);
    private readonly TrialState _canonical = new(image);
    private readonly TrialState _afterRaw = new(image);
    private readonly TrialState _afterCanonical = new(image);
    private readonly StateSample _sample = new(search);

    /// <summary>Looks at what a state that has been expanded leads to, if its turn has come.</summary>
    internal void Check(Successors expanded)
    {
        if (!_sample.Takes(expanded))
            return;

        _trial.Load(expanded.Memory, expanded.Stacks);
        int count = Enabled(_enabled);
        for (int i = 0; i < count && search.ObstacleToCanonicalForms is null; i++)
        {
            if (_trial.Perform(expanded.Memory, expanded.Stacks, _enabled[i], _raw) is not null)
                continue;

            _canonical.CopyFrom(_raw.Memory, _raw.Stacks);
            search.Canonicalize(_canonical.Memory);
            if (_canonical.FirstDifference(_raw, machine.StateWords) >= 0)
                CheckFutures();
        }

        _sample.IsDone();
    }

    private int Enabled(Transition[] target)
    {
        ReadOnlySpan<Transition> enabled = machine.Enabled();
        enabled.CopyTo(target);
        return enabled.Length;
    }

    private void CheckFutures()
    {
        if (_trial.Judge(_raw.Memory, _raw.Stacks) != _trial.Judge(_canonical.Memory, _canonical.Stacks))
            search.RefuseCanonicalForms("the canonical form of a state is judged otherwise than the state");

        _trial.Load(_raw.Memory, _raw.Stacks);
        int count = Enabled(_enabledThen);
        _trial.Load(_canonical.Memory, _canonical.Stacks);
        if (!machine.Enabled().SequenceEqual(_enabledThen.AsSpan(0, count)))
            search.RefuseCanonicalForms("the canonical form of a state has other transitions than the state");

        for (int i = 0; i < count && search.ObstacleToCanonicalForms is null; i++)
            CheckFuture(_enabledThen[i]);
    }

    private void CheckFuture(Transition transition)
    {
        FailureClass? raw = _trial.Perform(_raw.Memory, _raw.Stacks, transition, _afterRaw);
        FailureClass? canonical = _trial.Perform(_canonical.Memory, _canonical.Stacks, transition, _afterCanonical);
        if (raw != canonical)
            search.RefuseCanonicalForms(
                $"a step from the canonical form of a state is {(raw ?? canonical)!.Value.Name()}, or not, otherwise "
                + "than from the state");

        if (raw is not null || canonical is not null)
            return;

        search.Canonicalize(_afterRaw.Memory);
        search.Canonicalize(_afterCanonical.Memory);
        int word = _afterRaw.FirstDifference(_afterCanonical, machine.StateWords);
        if (word >= 0)
            search.RefuseCanonicalForms(
                $"after a step from the canonical form of a state {image.NameOf(word)} is otherwise than from the "
                + "state: a local names what was renumbered");
        else if (!_afterRaw.Stacks.AsSpan().SequenceEqual(_afterCanonical.Stacks))
            search.RefuseCanonicalForms(
                "after a step from the canonical form of a state a local is otherwise than from the state: it depends "
                + "on what was renumbered");
    }
}
