using System.Diagnostics;
using System.Text;
using Kmaplab.Scheduler.Detection;
using Kmaplab.Stress.Campaigns.Coordination.Pieces;
using Kmaplab.Stress.Campaigns.Coordination.States;

namespace Kmaplab.Stress.Tests.Campaigns.Coordination;

/// <summary>What is in a state file comes back, and nothing else does.</summary>
public sealed class StateFileTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("kmaplab-").FullName;
    private readonly NumberedCampaign _campaign = new(10);

    private string Place => Path.Combine(_folder, "state");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void What_was_added_comes_back()
    {
        Write((3, PieceState.Finished, "{\"a\":\"ä\"}"), (0, PieceState.SetAside, "no \"memory\""));

        Assert.Equal(
            [(3, PieceState.Finished, "{\"a\":\"ä\"}"), (0, PieceState.SetAside, "no \"memory\"")], Read());
    }

    [Fact]
    public void A_file_that_was_cut_anywhere_gives_back_its_whole_lines_and_can_be_added_to()
    {
        Write((0, PieceState.Finished, "{}"), (1, PieceState.Finished, "{\"a\":1}"), (2, PieceState.SetAside, "no"));
        byte[] whole = File.ReadAllBytes(Place);
        for (int length = 0; length < whole.Length; length++)
        {
            File.WriteAllBytes(Place, whole[..length]);
            int lines = whole.AsSpan(0, length).Count((byte)'\n');

            Assert.Equal(Math.Max(0, lines - 1), Read().Count);
            Write((9, PieceState.Finished, "{}"));
            Assert.Equal(9, Read()[^1].Number);
            Assert.Equal(Math.Max(0, lines - 1) + 1, Read().Count);
        }
    }

    [Fact]
    public void Any_changed_byte_of_a_whole_line_is_noticed()
    {
        Write((0, PieceState.Finished, "{\"a\":1}"), (2, PieceState.SetAside, "no"), (3, PieceState.Finished, "{}"));
        byte[] whole = File.ReadAllBytes(Place);
        int header = Array.IndexOf(whole, (byte)'\n') + 1;
        for (int at = header; at < whole.Length; at++)
        {
            if (whole[at] == '\n')
                continue; // The last one is a cut line; the others join two lines, which is tried below.

            byte[] changed = [.. whole];
            changed[at] ^= 1;
            File.WriteAllBytes(Place, changed);
            Assert.Contains("is damaged at line", Assert.Throws<UsageException>(() => Read()).Message, StringComparison.Ordinal);
        }

        string joined = Encoding.UTF8.GetString(whole).Replace("}\n{\"piece\":2", "}{\"piece\":2", StringComparison.Ordinal);
        File.WriteAllText(Place, joined);
        Assert.Contains("is damaged at line 2", Assert.Throws<UsageException>(() => Read()).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_line_of_another_piece_and_a_line_twice_are_refused()
    {
        Write((0, PieceState.Finished, "{}"));
        string[] lines = File.ReadAllLines(Place);
        File.AppendAllText(Place, lines[1] + "\n");
        Assert.Equal(
            $"--state '{Place}' is damaged at line 3: piece 1 is there twice; delete that line to have its piece "
            + "performed again, or the file to begin again",
            Assert.Throws<UsageException>(() => Read()).Message);

        File.WriteAllText(Place, $"{lines[0]}\n{lines[1].Replace("\"piece\":0", "\"piece\":1", StringComparison.Ordinal)}\n");
        Assert.Throws<UsageException>(() => Read());
        File.WriteAllText(Place, $"{lines[0]}\n{lines[1].Replace("\"piece\":0", "\"piece\":10", StringComparison.Ordinal)}\n");
        Assert.Throws<UsageException>(() => Read());
    }

    [Fact]
    public void The_state_of_another_plan_or_another_build_is_refused_and_both_are_named()
    {
        Write((0, PieceState.Finished, "{}"));

        Assert.Equal(
            $"--state '{Place}' is of another plan (squares, 10 pieces, and this is cubes, 10): give each plan a state "
            + "of its own",
            Assert.Throws<UsageException>(() => Open(new CampaignIdentity("cubes", "build 1", 10))).Message);
        Assert.Equal(
            $"--state '{Place}' was written by another build (build 1, and this is build 2): go on with that program, "
            + "or begin again with another file",
            Assert.Throws<UsageException>(() => Open(new CampaignIdentity("squares", "build 2", 10))).Message);
    }

    [Theory]
    [InlineData("something")]
    [InlineData("something\n")]
    [InlineData("{}\n")]
    [InlineData("null\n")]
    public void A_file_of_something_else_is_refused_and_left_as_it_is(string text)
    {
        File.WriteAllText(Place, text);

        Assert.Throws<UsageException>(() => Read());
        Assert.Equal(text, File.ReadAllText(Place));
    }

    [Fact]
    public void Two_coordinators_cannot_write_the_same_state()
    {
        using StateFile first = Open(Identity());

        Assert.Contains("is in use", Assert.Throws<UsageException>(() => Open(Identity())).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_campaign_of_100_000_pieces_goes_on_within_5_seconds()
    {
        const int Pieces = 100_000;
        var campaign = new NumberedCampaign(Pieces);
        string report = $"{{\"text\":\"{new string('x', 500)}\"}}";
        var identity = new CampaignIdentity("squares", "build 1", Pieces);
        using (StateFile state = StateFile.Open(Place, identity, campaign.Pieces, (_, _, _) => { }))
        {
            for (int piece = 0; piece < Pieces; piece++)
                state.Add(piece, PieceState.Finished, report);
        }

        var ledger = new Ledger(Pieces, TimeSpan.FromSeconds(1), 0, (_, _, _) => true);
        var watch = Stopwatch.StartNew();
        StateFile.Open(Place, identity, campaign.Pieces, ledger.Restore).Dispose();
        TimeSpan resumed = watch.Elapsed;

        TestContext.Current.SendDiagnosticMessage($"resume of {Pieces} pieces: {resumed.TotalSeconds:f2} s");
        Assert.True(ledger.IsDone);
        Assert.InRange(resumed.TotalSeconds, 0, 5);
    }

    private void Write(params (int Number, PieceState State, string Text)[] lines)
    {
        using StateFile state = Open(Identity());
        foreach ((int number, PieceState end, string text) in lines)
            state.Add(number, end, text);
    }

    private List<(int Number, PieceState State, string Text)> Read()
    {
        var lines = new List<(int, PieceState, string)>();
        StateFile.Open(Place, Identity(), _campaign.Pieces, (number, state, text) => lines.Add((number, state, text)))
            .Dispose();
        return lines;
    }

    private StateFile Open(CampaignIdentity identity) =>
        StateFile.Open(Place, identity, _campaign.Pieces, (_, _, _) => { });

    private CampaignIdentity Identity() => new("squares", "build 1", _campaign.Pieces.Count);
}
