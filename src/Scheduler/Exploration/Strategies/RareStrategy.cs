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

    private MachineImage? _image;
    private MemoryRegion[] _regions = [];
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
        ulong sum = 0;
        foreach (MemoryRegion region in _regions)
        {
            ulong key = (ulong)region.Start * Golden;
            foreach (int word in machine.Memory.AsSpan(region.Start, region.Length))
            {
                key += Golden;
                sum += (key ^ (key >> 29)) * (ulong)word; // A sum, so that no product waits for the one before.
            }
        }

        sum = (sum ^ (sum >> 32)) * Golden;
        return sum ^ (sum >> 29);
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
        _regions = [.. image.Regions.Where(region => region.Role == RegionRole.Kernel)];
        _words = _regions.Sum(region => region.Length);
    }
}
