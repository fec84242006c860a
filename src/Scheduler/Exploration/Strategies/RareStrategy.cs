using System.Runtime.Intrinsics;
using Kmaplab.Scheduler.Kernel;
using Kmaplab.Scheduler.Simulation;
using Kmaplab.Scheduler.Simulation.Memory;

namespace Kmaplab.Scheduler.Exploration.Strategies;

/// <summary>
/// Goes back to where what tasks share was as it seldom is, and on from there at random; three of ten executions begin
/// at the start.
/// </summary>
/// <remarks>
/// As <see cref="GuidedStrategy"/>, but of one kind are all states with the same contents of kernel memory, wherever
/// tasks stand and whatever they remember. That are few enough for 512 executions to learn which of them are rare, and
/// a failure that needs several unlikely things in turn shows each of them there. Memory is looked at before every
/// choice, if it is small.
/// </remarks>
[Strategy("rare", "at random, from where shared memory was as it seldom is")]
public sealed class RareStrategy(ulong seed) : ReturningStrategy(seed)
{
    private const int WordsEach = 256; // Are looked at at a point, on average.
    private const ulong Golden = 0x9E37_79B9_7F4A_7C15;

    private readonly List<(int Start, int Length)> _parts = []; // Of memory, that tasks share.
    private MachineImage? _image;
    private int[] _highKeys = []; // By address.
    private int[] _lowKeys = [];
    private int _words;

    /// <inheritdoc/>
    public override string Name => "rare";

    /// <inheritdoc/>
    protected override int FromStart => 3;

    /// <inheritdoc/>
    protected override int Compared => 64;

    /// <inheritdoc/>
    protected override bool CountsComing => true; // Who waits where nothing changes is not there more often.

    /// <inheritdoc/>
    protected override ulong PlaceOf(Machine machine)
    {
        Learn(machine.Image);
        (uint high, uint low) = (0, 0);
        foreach ((int start, int length) in _parts)
        {
            ReadOnlySpan<int> words = machine.Memory.AsSpan(start, length);
            high += SumOfProducts(words, _highKeys.AsSpan(start, length));
            low += SumOfProducts(words, _lowKeys.AsSpan(start, length));
        }

        return Mix(((ulong)high << 32) | low);
    }

    /// <inheritdoc/>
    protected override int NextGap(Machine machine)
    {
        Learn(machine.Image);
        return 1 + (_words / WordsEach);
    }

    private void Learn(MachineImage image)
    {
        if (_image == image)
            return;

        _image = image;
        _parts.Clear();
        foreach (MemoryRegion region in image.Regions.Where(region => region.Role == RegionRole.Kernel))
        {
            // What lies side by side is summed at once.
            if (_parts is [.., var (start, length)] && start + length == region.Start)
                _parts[^1] = (start, length + region.Length);
            else
                _parts.Add((region.Start, region.Length));
        }

        _words = _parts.Sum(part => part.Length);
        _highKeys = [.. Enumerable.Range(0, image.Memory.Length).Select(word => (int)(Mix((ulong)word) >> 32))];
        _lowKeys = [.. Enumerable.Range(0, image.Memory.Length).Select(word => (int)Mix((ulong)word))];
    }

    private static uint SumOfProducts(ReadOnlySpan<int> words, ReadOnlySpan<int> keys)
    {
        Vector256<int> sums = Vector256<int>.Zero;
        int i = 0;
        for (; i + Vector256<int>.Count <= words.Length; i += Vector256<int>.Count)
            sums += Vector256.Create(words[i..]) * Vector256.Create(keys[i..]);

        int sum = Vector256.Sum(sums);
        for (; i < words.Length; i++)
            sum += words[i] * keys[i];

        return (uint)sum;
    }

    private static ulong Mix(ulong value)
    {
        value = (value + 1) * Golden;
        value = (value ^ (value >> 30)) * 0xBF58_476D_1CE4_E5B9;
        value = (value ^ (value >> 27)) * 0x94D0_49BB_1331_11EB;
        return value ^ (value >> 31);
    }
}
