using Kmaplab.Scheduler.Schedules;

namespace Kmaplab.Scheduler.Tests.Schedules;

public sealed class WholeFileTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("kmaplab-").FullName;

    private string One => Path.Combine(_folder, "one.txt");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void Who_writes_a_file_does_not_take_away_what_somebody_else_writes_meanwhile()
    {
        WholeFile.Write(One, outer =>
        {
            WholeFile.Write(One, "inner");
            outer.Write("outer"u8);
        });

        Assert.Equal("outer", File.ReadAllText(One));
        Assert.Equal([One], Directory.GetFileSystemEntries(_folder));
    }

    [Fact]
    public void A_file_that_cannot_be_finished_leaves_nothing_and_keeps_the_older_one()
    {
        WholeFile.Write(One, "older");

        IOException error = Assert.Throws<IOException>(() => WholeFile.Write(One, stream =>
        {
            stream.Write("half"u8);
            throw new IOException($"no space for {((FileStream)stream).Name}");
        }));

        Assert.Equal($"no space for {One}", error.Message); // Not the temporary name, which nobody knows.
        Assert.Equal("older", File.ReadAllText(One));
        Assert.Equal([One], Directory.GetFileSystemEntries(_folder));
    }

    [Fact]
    public void A_new_file_takes_the_place_of_nothing()
    {
        Assert.True(WholeFile.WriteNew(One, "first"));
        Assert.False(WholeFile.WriteNew(One, "second"));

        Assert.Equal("first", File.ReadAllText(One));
        Assert.Equal([One], Directory.GetFileSystemEntries(_folder));
    }
}
