using Kmaplab.Scheduler.Coroutines.Stacks;
using Kmaplab.Scheduler.Detection;
using Kmaplab.Scheduler.Simulation;

namespace Kmaplab.Scheduler.Verification.States;

/// <summary>Writes out successors, and judges those that are new.</summary>
/// <remarks>One thread, one object.</remarks>
internal sealed class NewStates
{
    private readonly StateCodec _codec;
    private readonly FrameCache _frames;
    private readonly DerivedSuccessors? _derived;
    private readonly StateChecks _checks;

    /// <param name="machine">Who judges.</param>
    /// <param name="codec">Who packs.</param>
    /// <param name="frames">The stacks.</param>
    /// <param name="derived">Who knows what successors change that nobody has performed; null if all are.</param>
    /// <param name="checks">Makes, of the state that is written out, who judges it.</param>
    internal NewStates(
        Machine machine,
        StateCodec codec,
        FrameCache frames,
        DerivedSuccessors? derived,
        Func<StateSight, StateChecks> checks)
    {
        _codec = codec;
        _frames = frames;
        _derived = derived;
        Memory = new int[machine.Image.Memory.Length];
        Stacks = new int[machine.Image.Contexts];
        _checks = checks(new StateSight(machine, Memory, Stacks, frames));
    }

    /// <summary>The memory of the state that was written out last.</summary>
    internal int[] Memory { get; }

    /// <summary>The numbers of its stacks.</summary>
    internal int[] Stacks { get; }

    /// <inheritdoc cref="StateChecks.Asked"/>
    internal long Asked => _checks.Asked;

    /// <summary>Packs a successor; yields the number of bytes.</summary>
    internal int Encode(Successors waiting, Successor successor, Span<byte> target)
    {
        _derived?.WriteOut(successor, waiting);
        if (successor.HasOwnStacks)
        {
            successor.Stacks.CopyTo(Stacks, 0);
        }
        else
        {
            waiting.Stacks.CopyTo(Stacks, 0);
            Stacks[successor.Changed] = successor.IsDerived ? successor.Stack : NumberOf(successor);
        }

        successor.WriteTo(Memory, waiting.Memory);
        return _codec.Encode(Memory, Stacks, target);
    }

    /// <summary>Looks at the state that was packed last; yields what is wrong with it.</summary>
    internal Finding? FindWrong(Successors waiting, Successor successor) =>
        _checks.Find(successor.Number, waiting.Parent, successor.ChangedWords);

    /// <summary>The same for somebody who numbers states otherwise: everything is asked.</summary>
    internal Finding? AskWrong() => _checks.AskAll();

    private int NumberOf(Successor successor)
    {
        int number = _frames.NumberOf(successor.Top);
        successor.Top = _frames[number];
        return number;
    }
}
