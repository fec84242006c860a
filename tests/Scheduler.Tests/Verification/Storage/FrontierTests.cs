using CsCheck;
using Kmaplab.Scheduler.Verification.Storage;

namespace Kmaplab.Scheduler.Tests.Verification.Storage;

/// <summary>What a frontier loses is not searched: it comes out as it went in, from memory or from disk.</summary>
public sealed class FrontierTests : IDisposable
{
    private readonly string _folder = Path.Combine(Path.GetTempPath(), $"frontier-tests-{Guid.NewGuid():N}");

    public void Dispose()
    {
        if (Directory.Exists(_folder))
            Directory.Delete(_folder, recursive: true);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void States_come_back_as_they_were_in_their_order(bool hasMemory) =>
        Gen.Byte.Array[0, 3_000].Array[0, 100].Sample(
            states =>
            {
                var disk = new SpillDisk(_folder, bytesMax: null);
                using var budget = new MemoryBudget(hasMemory ? long.MaxValue / 2 : 0, disk);
                using var frontier = new Frontier(budget);
                Write(frontier, states);

                (int, UInt128, byte[])[] read = [.. Read(frontier)];

                Assert.Equal(states.Length, read.Length);
                for (int i = 0; i < states.Length; i++)
                {
                    (int number, UInt128 hash, byte[] state) = read[i];
                    Assert.Equal((i, HashOf(i)), (number, hash));
                    Assert.Equal(states[i], state);
                }

                Assert.Equal(!hasMemory && states.Length > 0, disk.Written > 0);
                Assert.Null(disk.Problem);
            },
            iter: 30);

    [Fact]
    public void States_for_which_the_disk_has_no_room_are_not_lost_without_a_word()
    {
        var disk = new SpillDisk(_folder, bytesMax: 10);
        using var budget = new MemoryBudget(0, disk);
        using var frontier = new Frontier(budget);

        Write(frontier, [new byte[100]]);

        Assert.Equal(0, frontier.Blocks);
        Assert.Contains("need more than 0 MiB of disk", disk.Problem, StringComparison.Ordinal);
    }

    [Fact]
    public void A_folder_that_cannot_be_written_to_is_named()
    {
        File.WriteAllText(_folder + ".txt", "");
        var disk = new SpillDisk(Path.Combine(_folder + ".txt", "spill"), bytesMax: null);
        using var budget = new MemoryBudget(0, disk);
        using var frontier = new Frontier(budget);

        Write(frontier, [new byte[100]]);
        File.Delete(_folder + ".txt");

        Assert.StartsWith("the states still to be searched cannot go to disk", disk.Problem, StringComparison.Ordinal);
    }

    [Fact]
    public void The_disk_has_its_room_again_when_a_level_is_done()
    {
        var disk = new SpillDisk(_folder, bytesMax: 200);
        using var budget = new MemoryBudget(0, disk);
        for (int level = 0; level < 3; level++)
        {
            using var frontier = new Frontier(budget);
            Write(frontier, [new byte[100]]);
            Assert.Equal(1, frontier.Blocks);
        }

        Assert.Null(disk.Problem);
    }

    private static void Write(Frontier frontier, byte[][] states)
    {
        var writer = new FrontierWriter(frontier);
        for (int i = 0; i < states.Length; i++)
            writer.Add(i, HashOf(i), states[i]);

        writer.Flush();
    }

    private static IEnumerable<(int Number, UInt128 Hash, byte[] State)> Read(Frontier frontier)
    {
        for (int i = 0; i < frontier.Blocks; i++)
        {
            PageBlock block = frontier.Take(i, out int length);
            foreach ((int, UInt128, byte[]) state in ReadAll(block.Span[..length]))
                yield return state;

            frontier.Budget.Return(block);
        }
    }

    private static List<(int, UInt128, byte[])> ReadAll(ReadOnlySpan<byte> block)
    {
        var states = new List<(int, UInt128, byte[])>();
        while (!block.IsEmpty)
        {
            byte[] state = FrontierWriter.Read(ref block, out int number, out UInt128 hash).ToArray();
            states.Add((number, hash, state));
        }

        return states;
    }

    private static UInt128 HashOf(int number) => new((ulong)number, ~(ulong)number);
}
