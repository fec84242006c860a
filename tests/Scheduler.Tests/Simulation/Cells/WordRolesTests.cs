using Kmaplab.Scheduler.Simulation.Cells;

namespace Kmaplab.Scheduler.Tests.Simulation.Cells;

/// <summary>Whose a word is follows from what was seen of it; whoever adds to that hears if it changes.</summary>
public sealed class WordRolesTests
{
    private const int Word = 1;

    private readonly WordRoles _roles = new(words: 3);

    [Fact]
    public void A_word_that_only_one_context_touches_is_its_own()
    {
        _roles.NoteRead(Word, context: 0);
        Assert.False(_roles.IsOwn(Word, 0), "it has not changed");

        Assert.True(_roles.NoteWrite(Word, context: 0));

        Assert.True(_roles.IsOwn(Word, 0));
        Assert.False(_roles.IsOwn(Word, 1));
        Assert.False(_roles.IsShared(Word));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void It_is_shared_as_soon_as_another_one_touches_it_and_stays_so(bool writes)
    {
        _roles.NoteWrite(Word, context: 0);

        bool hasChanged = writes ? _roles.NoteWrite(Word, context: 1) : _roles.NoteRead(Word, context: 1);

        Assert.True(hasChanged);
        Assert.True(_roles.IsShared(Word));
        Assert.False(_roles.NoteWrite(Word, context: 0));
        Assert.True(_roles.IsShared(Word));
    }

    [Fact]
    public void A_word_that_many_have_read_is_shared_as_soon_as_one_writes_it()
    {
        Assert.False(_roles.NoteRead(Word, context: 0));
        Assert.False(_roles.NoteRead(Word, context: 1));
        Assert.False(_roles.IsShared(Word));

        Assert.True(_roles.NoteWrite(Word, context: 1));

        Assert.True(_roles.IsShared(Word));
    }
}
