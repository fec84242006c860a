using Kmaplab.Scheduler.Kernel;
using Kmaplab.Scheduler.Simulation.Memory;

namespace Kmaplab.Scheduler.Tests.Simulation;

/// <summary>Kernel memory as it is laid out.</summary>
public sealed class ArenaTests
{
    [Fact]
    public void Words_keep_their_values_while_memory_grows()
    {
        var arena = new Arena();
        arena.Add(Region("first", arena.Used, length: 3));
        arena.Words[2] = 7;
        arena.Add(Region("second", arena.Used, length: 10_000));
        arena.Close();

        Assert.Equal(7, arena.Words[2]);
        Assert.Equal(10_003, arena.Words.Length);
    }

    [Fact]
    public void A_word_is_named_by_its_region_and_its_place_in_it()
    {
        var arena = new Arena();
        arena.Add(Region("count", arena.Used, length: 1));
        arena.Add(Region("pkmap_count", arena.Used, length: 4));
        arena.Add(Region("wait", arena.Used, length: 3) with { Sort = WordSort.Queue });
        arena.Add(Region("nothing", arena.Used, length: 0));

        Assert.Equal("count", arena.NameOf(0));
        Assert.Equal("pkmap_count[3]", arena.NameOf(4));
        Assert.Equal("wait", arena.NameOf(6));
        Assert.Equal("word 8", arena.NameOf(8));
        Assert.Null(arena.RegionOf(-1));
    }

    private static MemoryRegion Region(string name, int start, int length) =>
        new(name, start, length, WordSort.Number, IndexSort.None, Protection.None);
}
