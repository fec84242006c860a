using CsCheck;
using Kmaplab.Scheduler.Simulation.Hardware;
using Kmaplab.Scheduler.Verification.Storage;

namespace Kmaplab.Scheduler.Tests.Verification.Storage;

/// <summary>The ways to states, which counterexamples are made of.</summary>
public sealed class SearchTreeTests
{
    [Fact]
    public void A_way_begins_at_the_start_and_has_a_transition_for_each_level()
    {
        SearchTree tree = TwoLevels(isShared: false);

        Assert.Empty(tree.WayTo(0));
        Assert.Equal([Transition.Step(1)], tree.WayTo(1));
        Assert.Equal([Transition.Step(1), Transition.Step(2)], tree.WayTo(2));
        Assert.Equal([0, 1, 2], new[] { 0, 1, 2 }.Select(tree.LevelOf));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Of_equally_long_ways_the_same_is_kept_in_whatever_order_they_are_found(bool isShared) =>
        Gen.Select(Gen.ULong[0, 3], Gen.Int[0, 9]).Array[1, 20].Sample(
            ways =>
            {
                SearchTree tree = TwoLevels(isShared);
                tree.BeginLevel(3);
                (ulong first, int context) = ways[0];
                tree.Add(3, 2, first, Transition.Step(context));
                foreach ((ulong parentHash, int stepped) in ways)
                    tree.Improve(3, 2, parentHash, Transition.Step(stepped));

                (ulong _, int smallest) = ways.Min();
                Assert.Equal([Transition.Step(1), Transition.Step(2), Transition.Step(smallest)], tree.WayTo(3));
            },
            iter: 200);

    [Fact]
    public void A_longer_way_never_replaces_a_shorter_one()
    {
        SearchTree tree = TwoLevels(isShared: false);
        tree.BeginLevel(3);

        tree.Improve(1, 2, 0, Transition.Step(0));

        Assert.Equal([Transition.Step(1)], tree.WayTo(1));
    }

    [Fact]
    public void A_search_that_knows_no_levels_keeps_the_way_that_it_found_first()
    {
        var tree = new SearchTree(isShared: false) { KeepsFirst = true };
        tree.AddRoot(0);
        tree.Add(1, 0, 9, Transition.Step(5));

        tree.Improve(1, 0, 0, Transition.Step(0));

        Assert.Equal([Transition.Step(5)], tree.WayTo(1));
    }

    [Fact]
    public void A_number_that_was_given_back_is_no_state()
    {
        SearchTree tree = TwoLevels(isShared: true);
        tree.BeginLevel(3);
        tree.Add(3, 2, 0, Transition.Step(0));
        Assert.True(tree.IsState(3));

        tree.Forget(3);

        Assert.False(tree.IsState(3));
        Assert.Equal([true, true, true], new[] { 0, 1, 2 }.Select(tree.IsState));
        Assert.False(tree.IsState(int.MaxValue));
    }

    [Fact]
    public void A_list_that_grows_keeps_what_it_has_and_is_0_elsewhere()
    {
        var list = new GrowingList<int>();
        list.EnsureCapacity(0);
        list[0] = 5;
        list.EnsureCapacity(1_000_000);

        Assert.Equal((5, 0), (list[0], list[1_000_000]));
        Assert.InRange(list.Capacity, 1_000_001, 1_100_000);
    }

    /// <summary>The start is state 0; from there to 1, and from 1 to 2.</summary>
    private static SearchTree TwoLevels(bool isShared)
    {
        var tree = new SearchTree(isShared);
        tree.AddRoot(0);
        tree.BeginLevel(1);
        tree.Add(1, 0, 0, Transition.Step(1));
        tree.BeginLevel(2);
        tree.Add(2, 1, 0, Transition.Step(2));
        return tree;
    }

    [Fact]
    public void A_state_that_was_known_in_this_level_leaves_it_the_smaller_way_and_its_number_to_nobody()
    {
        using var tree = new SearchTree(isShared: false);
        tree.AddRoot(0);
        tree.BeginLevel(1);
        tree.Add(1, 0, parentHash: 9, Transition.Step(1));
        tree.Add(2, 0, parentHash: 5, Transition.Step(2));
        tree.Add(3, 0, parentHash: 7, Transition.Step(3));

        tree.Merge(state: 2, known: 1);
        tree.Merge(state: 3, known: 1);

        Assert.Equal([Transition.Step(2)], tree.WayTo(1));
        Assert.Equal([true, true, false, false], Enumerable.Range(0, 4).Select(tree.IsState));
    }

    [Fact]
    public void Ways_that_have_gone_to_disk_are_the_same()
    {
        const int States = 200_000;
        string folder = Directory.CreateTempSubdirectory("kmaplab-tree-").FullName;
        using var tree = new SearchTree(isShared: false);
        tree.AddRoot(0);
        tree.BeginLevel(1);
        for (int state = 1; state < States; state++)
            tree.Add(state, state / 2, parentHash: 1, Transition.Step(state & 31));

        Transition[] before = tree.WayTo(States - 1);
        long bytes = tree.Bytes;
        tree.BeginLevel(States);
        tree.BeginLevel(States);

        Assert.True(tree.TryMoveToDisk(new SpillDisk(folder, bytesMax: null)));

        Assert.Equal(before, tree.WayTo(States - 1));
        Assert.True(tree.IsState(1000));
        Assert.True(tree.Bytes < bytes, "no memory was given back");
        Directory.Delete(folder, recursive: true);
    }
}
