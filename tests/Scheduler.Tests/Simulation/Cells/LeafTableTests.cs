using System.Runtime.Intrinsics;
using Kmaplab.Scheduler.Simulation.Cells;

namespace Kmaplab.Scheduler.Tests.Simulation.Cells;

/// <summary>A leaf is a step only where all that it has read is so; there is a place for only so many.</summary>
public sealed class LeafTableTests
{
    [Fact]
    public void A_leaf_holds_where_each_cell_that_it_has_read_is_so_whatever_the_others_are()
    {
        var leaf = new Leaf { Guards = default(Vector512<byte>).WithElement(3, (byte)7), GuardMask = 1 << 3 | 1 << 5 };
        Vector512<byte> cells = Vector512.Create((byte)9).WithElement(3, (byte)7).WithElement(5, (byte)0);

        Assert.True(leaf.Holds(cells));
        Assert.False(leaf.Holds(cells.WithElement(3, (byte)0)));
        Assert.False(leaf.Holds(cells.WithElement(5, (byte)7)));
    }

    [Fact]
    public void A_cell_that_is_written_and_was_not_read_is_the_same_afterwards_whatever_it_was()
    {
        var leaves = new LeafTable();
        int kept = leaves.NumberOfKept(Vector512<byte>.AllBitsSet.WithElement(4, (byte)0));
        ref Leaf leaf = ref leaves[leaves.Add()];
        leaf.Delta = default(Vector512<byte>).WithElement(4, (byte)6);
        leaf.Kept = (byte)kept;

        foreach (byte before in (byte[])[0, 6, 77])
        {
            Vector512<byte> cells = Vector512.Create((byte)9).WithElement(4, before);
            Assert.Equal(cells.WithElement(4, (byte)6), leaves.After(cells, leaf));
        }
    }

    [Fact]
    public void Leaf_0_is_no_step()
    {
        Vector512<byte> cells = default(Vector512<byte>).WithElement(CellLayout.Constant, CellLayout.One);

        Assert.False(new LeafTable()[0].Holds(cells));
    }

    [Fact]
    public void There_are_no_more_leaves_than_two_bytes_can_number()
    {
        var leaves = new LeafTable();
        int last = 0;
        while (!leaves.IsFull && last <= ushort.MaxValue)
            last = leaves.Add();

        Assert.InRange(last, 1, ushort.MaxValue);
        Assert.True(leaves.IsFull);
        Assert.InRange(leaves.Bytes, 1, 8 << 20);
    }
}
