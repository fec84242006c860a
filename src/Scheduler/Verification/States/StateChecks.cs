using System.Numerics;
using Kmaplab.Scheduler.Detection;
using Kmaplab.Scheduler.Simulation;
using Kmaplab.Scheduler.Simulation.Memo;

namespace Kmaplab.Scheduler.Verification.States;

/// <summary>Judges new states, and asks only what is not known from states that were judged before.</summary>
/// <remarks>
/// <para>
/// A part of the check is a function of the words that it looks at, which are logged whenever it is asked. So it holds
/// if the transition to the state has changed no word that the part has ever looked at, as it held in the state before;
/// and it holds if it has held where it saw the same. That something is wrong is never kept, and always asked.
/// </para>
/// <para>
/// What could make it lie: a look that no log sees. So one of some hundred that were not asked is asked as well, and
/// must hold, and must look at no word that is not known of it; and a look at the whole state makes a part one that is
/// always asked. One thread, one object.
/// </para>
/// </remarks>
internal sealed class StateChecks
{
    private readonly Machine _machine;
    private readonly StateSight _sight;
    private readonly CheckReads _reads;
    private readonly LookLog? _log; // Null if everything is asked.
    private readonly StatePart[] _parts;
    private readonly CleanKeys[] _keys; // By part; none if equal hashes must not stand for equal states.
    private readonly ulong _all; // A bit for each part.
    private readonly ulong _looking; // Those that look themselves.
    private readonly bool _inherits;
    private CheckRhythm _checks;

    internal StateChecks(
        StateSight sight, StateCodec codec, StateHasher hasher, CheckReads reads, StateCheckOptions options)
    {
        _machine = sight.Machine;
        _sight = sight;
        _reads = reads;
        _parts = _machine.Detectors.PartsOfStateCheck(sight);
        _log = _parts.Length > CheckReads.PartsMax ? null : _machine.Looks;
        _keys = options.IsExact ? [] : [.. _parts.Select(_ => new CleanKeys(codec, hasher))];
        for (int part = 0; part < _parts.Length && _log is not null; part++)
        {
            _all |= 1UL << part;
            _looking |= _parts[part].LooksItself ? 1UL << part : 0;
        }

        _inherits = options.Inherits;
        _checks = new CheckRhythm(options.CheckEvery);
    }

    /// <summary>States of which something had to be asked.</summary>
    internal long Asked { get; private set; }

    /// <summary>Judges the state in sight; yields what is wrong with it.</summary>
    /// <param name="state">Its number.</param>
    /// <param name="parent">The number of the state that it comes from.</param>
    /// <param name="changed">In which words it differs from that.</param>
    internal Finding? Find(int state, int parent, ReadOnlySpan<int> changed)
    {
        if (_log is null)
            return AskAll();

        ulong open = _inherits && _reads.WasJudged(parent) ? _reads.Of(changed) | _looking : _all;
        _reads.Judge(state);
        for (; open != 0; open &= open - 1)
        {
            if (!IsKnown(BitOperations.TrailingZeroCount(open)))
                return Ask(open);
        }

        if (_checks.IsDue())
            Compare();

        return null;
    }

    private bool IsKnown(int part) =>
        _parts[part].HoldsPlainly()
        || (_keys.Length > 0
            && (_reads.Refused >> part & 1) == 0
            && _keys[part].Contains(_keys[part].KeyOf(_sight.Memory)));

    private Finding? Ask(ulong open)
    {
        // A state without successors is judged when it is expanded, with the deadlock detector's words.
        Asked++;
        Load();
        if (_machine.Enabled().IsEmpty)
            return null;

        for (; open != 0; open &= open - 1)
        {
            int part = BitOperations.TrailingZeroCount(open);
            if (IsKnown(part) || Holds(part))
                continue;

            if (AskAll() is { } finding)
                return finding;

            // It was a mere doubt; the others are still to be asked. One that asks nothing else is not to be trusted.
            if (!_parts[part].LooksItself)
                _reads.Refuse(part);
        }

        return null;
    }

    private bool Holds(int part)
    {
        bool holds = Look(part, out bool isLogged);
        if (!isLogged)
            _reads.Refuse(part);

        foreach (int word in _log!.Words)
        {
            _reads.Add(part, word);
            if (_keys.Length > 0)
                _keys[part].Add(word);
        }

        if (holds && isLogged && _keys.Length > 0)
            _keys[part].Keep(_keys[part].KeyOf(_sight.Memory));

        return holds;
    }

    private bool Look(int part, out bool isLogged)
    {
        isLogged = false;
        _log!.Begin();
        try
        {
            return _parts[part].Holds();
        }
        finally
        {
            isLogged = _log.End();
        }
    }

    /// <summary>Judges the state in sight, whatever is known of it.</summary>
    internal Finding? AskAll()
    {
        Load();
        if (!_machine.Enabled().IsEmpty)
            _machine.CheckState();

        return _machine.Finding;
    }

    /// <summary>Asks everything of a state of which it is known already.</summary>
    private void Compare()
    {
        if (AskAll() is { } finding)
            throw StepMemoException.Differs("the check of a state", $"it says: {finding.Message.Split('\n')[0]}");

        if (_machine.Enabled().IsEmpty)
            return;

        ulong logged = _all & ~(_reads.Refused | _looking);
        for (; logged != 0; logged &= logged - 1)
        {
            int part = BitOperations.TrailingZeroCount(logged);
            Look(part, out _);
            foreach (int word in _log!.Words)
            {
                if (!_reads.Has(part, word))
                {
                    throw StepMemoException.Differs(
                        "the check of a state", $"it looks at {_machine.Image.NameOf(word)}");
                }
            }
        }
    }

    private void Load()
    {
        _machine.RestoreMemory(_sight.Memory);
        for (int context = 0; context < _sight.Stacks.Length; context++)
        {
            if (_machine.Stack(context).Top != _sight.Frames[_sight.Stacks[context]])
                _machine.RestoreStack(context, _sight.Frames[_sight.Stacks[context]]);
        }
    }
}

/// <summary>How states are judged.</summary>
/// <param name="IsExact">No answer is known by a hash.</param>
/// <param name="Inherits">States in which something is wrong are not gone on from.</param>
/// <param name="CheckEvery">Of so many states that are not asked one is asked as well.</param>
internal readonly record struct StateCheckOptions(bool IsExact, bool Inherits, int CheckEvery);
