using Kmaplab.Scheduler.Simulation.Cells;

namespace Kmaplab.Scheduler.Tests.Simulation.Cells;

/// <summary>A byte stands for one value and no other, and what bytes cannot stand for is said.</summary>
public sealed class CellLayoutTests
{
    private const int OtherValues = 127; // Than 0 to 127, which stand for themselves; one byte stands for none.

    [Fact]
    public void Each_value_has_a_byte_of_its_own_and_comes_back_from_it()
    {
        CellLayout layout = Layout(words: 3);
        int[] values =
        [
            .. Enumerable.Range(0, 128),
            -1,
            int.MinValue,
            int.MaxValue,
            128,
            255,
            256,
            1 << 16,
            -128,
            -256,
        ];

        foreach (int value in values)
            Assert.Equal(value, layout.ValueOf(layout.CodeOf(value)));

        Assert.Equal(values.Length, values.Select(layout.CodeOf).Distinct().Count());
        Assert.DoesNotContain(CellLayout.NoCode, values.Select(layout.CodeOf));
        Assert.True(layout.Fits);
    }

    [Fact]
    public void A_value_for_which_no_byte_is_left_is_not_taken_for_another_one()
    {
        CellLayout layout = Layout(words: 1);
        for (int value = -OtherValues; value < 0; value++)
            layout.CodeOf(value);

        bool fitted = layout.Fits;
        byte code = layout.CodeOf(-OtherValues - 1);

        Assert.True(fitted);
        Assert.Equal(CellLayout.NoCode, code);
        Assert.False(layout.Fits);
    }

    [Fact]
    public void Where_more_words_are_shared_than_there_are_cells_none_is_used()
    {
        CellLayout few = Layout(CellLayout.Constant - 1);
        CellLayout many = Layout(CellLayout.Cells);

        Assert.True(few.Fits);
        Assert.Equal(
            Enumerable.Range(0, CellLayout.Constant - 1), Enumerable.Range(0, few.Words.Length).Select(few.CellOf));
        Assert.False(many.Fits);
    }

    private static CellLayout Layout(int words)
    {
        var roles = new WordRoles(words);
        for (int word = 0; word < words; word++)
        {
            roles.NoteWrite(word, context: 0);
            roles.NoteRead(word, context: 1);
        }

        return new CellLayout(roles);
    }
}
