using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Kmaplab.Scheduler.Coroutines.Objects;
using Kmaplab.Scheduler.Coroutines.Stacks;
using Kmaplab.Scheduler.Simulation;
using Kmaplab.Scheduler.Simulation.Memo;

namespace Kmaplab.Scheduler.Verification.States;

/// <summary>By how much recorded steps make the hashes of states grow.</summary>
/// <remarks>
/// A step has read nearly all that it writes, and it goes from one stack to one other: so it adds the same to the hash
/// of every state in which it is performed, but for words that it overwrites without having looked at them, which have
/// to be looked at each time. Wrong sums would merge states; they are among what is compared when a successor that was
/// derived is performed as well. One thread, one object.
/// </remarks>
internal sealed class StepGrowth(MachineImage image, RecordedSteps steps, FrameCache frames, StateHasher hasher)
{
    private readonly int[] _words = new int[image.Memory.Length];
    private readonly int[] _values = new int[image.Memory.Length];
    private readonly int[] _before = new int[image.Memory.Length]; // What a step has read,
    private readonly int[] _readBy = new int[image.Memory.Length]; // and whether it has.
    private readonly int[] _stackBefore = new int[MachineBuilder.StackHashWords];
    private readonly int[] _stackAfter = new int[MachineBuilder.StackHashWords];
    private Sum[] _sums = new Sum[256];
    private int[] _blind = new int[64]; // For each step with such words how many; then word, value, word, value ...
    private int _blindUsed = 1; // Nobody's are at 0.

    /// <summary>What a step of a context, from a stack, adds to the hash of a state.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal UInt128 Of(int step, int context, int stack, int[] memory)
    {
        int index = step / RecordedSteps.NumbersBetween;
        Sum[] sums = _sums;
        Sum sum = (uint)index < (uint)sums.Length ? sums[index] : default;
        if (sum.Step != step)
            sum = Add(step, context, stack);

        return sum.Blind == 0 ? sum.Growth : sum.Growth + OfBlind(sum.Blind, memory);
    }

    /// <summary>Has the processor fetch what <see cref="Of"/> will need.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal void Prefetch(int step)
    {
        int index = step / RecordedSteps.NumbersBetween;
        if (index < _sums.Length)
            CacheLines.Prefetch(ref _sums[index]);
    }

    private UInt128 OfBlind(int blind, int[] memory)
    {
        UInt128 growth = UInt128.Zero;
        int end = blind + 1 + (2 * _blind[blind]);
        for (int i = blind + 1; i < end; i += 2)
        {
            int word = _blind[i];
            if (memory[word] != _blind[i + 1])
                growth += hasher.Growth(word, (long)_blind[i + 1] - memory[word]);
        }

        return growth;
    }

    private Sum Add(int step, int context, int stack)
    {
        for (int i = 0; i < steps.Reads(step); i++)
        {
            (int address, int value) = steps.ReadAt(step, i);
            (_before[address], _readBy[address]) = (value, step);
        }

        int first = image.StackBase + (context * MachineBuilder.StackHashWords);
        UInt128 growth = OfStack(first, stack, steps.OutcomeOf(step).Stack);
        int blind = _blindUsed;
        int writes = steps.Writes(step, context, _words, _values);
        for (int i = 0; i < writes; i++)
        {
            int word = _words[i];
            if (_readBy[word] == step)
                growth += hasher.Growth(word, (long)_values[i] - _before[word]);
            else
                AddBlind(blind, word, _values[i]);
        }

        int index = step / RecordedSteps.NumbersBetween;
        if (index >= _sums.Length)
            Array.Resize(ref _sums, Math.Max(index + 1, _sums.Length * 2));

        return _sums[index] = new Sum(growth, step, _blindUsed == blind ? 0 : blind);
    }

    private void AddBlind(int blind, int word, int value)
    {
        while (_blindUsed + 3 > _blind.Length)
            Array.Resize(ref _blind, _blind.Length * 2);

        if (_blindUsed == blind)
            _blind[_blindUsed++] = 0;

        _blind[blind]++;
        (_blind[_blindUsed++], _blind[_blindUsed++]) = (word, value);
    }

    private UInt128 OfStack(int first, int before, int after)
    {
        MemoryMarshal.Write(MemoryMarshal.AsBytes(_stackBefore.AsSpan()), frames.HashOf(before));
        MemoryMarshal.Write(MemoryMarshal.AsBytes(_stackAfter.AsSpan()), frames.HashOf(after));
        UInt128 growth = UInt128.Zero;
        for (int i = 0; i < _stackAfter.Length; i++)
            growth += hasher.Growth(first + i, (long)_stackAfter[i] - _stackBefore[i]);

        return growth;
    }

    private readonly record struct Sum(UInt128 Growth, int Step, int Blind);
}
