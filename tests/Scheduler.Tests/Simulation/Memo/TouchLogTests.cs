using System.Reflection;
using Kmaplab.Scheduler.Simulation.Memory;

namespace Kmaplab.Scheduler.Tests.Simulation.Memo;

/// <summary>Whatever way a step takes to memory, the log has what it has read and what it has overwritten.</summary>
public sealed class TouchLogTests
{
    private static readonly Dictionary<string, (Action<KernelWords> Use, int[] Read, int[] Blind)> s_ways = new()
    {
        ["get_Item"] = (words => words[3]++, [3], []),
        [nameof(KernelWords.Look)] = (words => words.Look(3), [3], []),
        [nameof(KernelWords.Set)] = (words => words.Set(3, 1), [], [3]),
        [nameof(KernelWords.Span)] = (words => words.Span(3, 2)[0]++, [3, 4], []),
        [nameof(KernelWords.Overwrite)] = (words => words.Overwrite(3, 2).Fill(1), [], [3, 4]),
        [nameof(KernelWords.Clear)] = (words => words.Clear(3, 2), [], [3, 4]),
        [nameof(KernelWords.Move)] = (words => words.Move(3, 4, 2), [3, 4], [5]),
        [nameof(KernelWords.IndexOfAny)] = (words => words.IndexOfAny(3, 4, 5, 6), [3, 4, 5], []),
    };

    // They lead to no words of a machine that has a log, or say themselves that whoever takes them must not need one.
    private static readonly string[] s_notLogged = ["get_Length", "get_Unlogged", nameof(KernelWords.WithoutLog)];

    public static TheoryData<string> Ways => [.. s_ways.Keys];

    [Fact]
    public void Every_way_to_memory_is_tried_here()
    {
        IEnumerable<string> ways = typeof(KernelWords)
            .GetMethods(
                BindingFlags.Instance | BindingFlags.NonPublic | BindingFlags.Public | BindingFlags.DeclaredOnly)
            .Where(method => !method.IsPrivate)
            .Select(method => method.Name);

        Assert.Equal(s_ways.Keys.Concat(s_notLogged).Order(), ways.Order());
    }

    [Theory]
    [MemberData(nameof(Ways))]
    public void It_is_logged_whether_a_word_was_read_or_only_overwritten(string way)
    {
        int[] memory = [0, 1, 2, 3, 4, 5, 6, 7];
        int[] before = [.. memory];
        var log = new TouchLog(memory);
        (Action<KernelWords> use, int[] read, int[] blind) = s_ways[way];
        log.Begin();

        use(new KernelWords(memory, log));

        log.End();
        Assert.Equal(read, Touched(log, isBlind: false));
        Assert.Equal(blind, Touched(log, isBlind: true));
        for (int i = 0; i < log.Count; i++)
            Assert.Equal(before[log.Addresses[i]], log.Before[i]);
    }

    [Fact]
    public void Of_words_with_a_log_there_is_no_array_without_one()
    {
        int[] memory = [1];

        Assert.Same(memory, new KernelWords(memory).Unlogged);
        Assert.Empty(new KernelWords(memory, new TouchLog(memory)).Unlogged);
    }

    [Fact]
    public void What_was_read_first_stays_read_and_what_was_overwritten_first_stays_overwritten()
    {
        int[] memory = [10, 20];
        var log = new TouchLog(memory);
        var words = new KernelWords(memory, log);
        log.Begin();

        words.Set(0, words[0] + 1);
        words.Set(1, 21);
        words[1]++;

        log.End();
        Assert.Equal([0, 1], log.Addresses.ToArray());
        Assert.Equal([false, true], log.IsBlind.ToArray());
        Assert.Equal([10, 20], log.Before.ToArray());
    }

    [Fact]
    public void A_word_that_was_looked_at_and_then_touched_is_touched()
    {
        int[] memory = [10, 20];
        var log = new TouchLog(memory);
        var words = new KernelWords(memory, log);
        log.Begin();

        words.Look(0);
        words.Look(1);
        words[1]++;

        Assert.Equal([true, false], log.IsLook.ToArray());
        Assert.Equal([false, false], log.IsBlind.ToArray());
        Assert.Equal([10, 20], log.Before.ToArray());
    }

    [Fact]
    public void A_step_does_not_inherit_what_the_one_before_has_touched()
    {
        int[] memory = [10, 20];
        var log = new TouchLog(memory);
        var words = new KernelWords(memory, log);
        log.Begin();
        words.Set(0, 11);
        log.End();
        words[1]++;

        log.Begin();
        _ = words[0];

        Assert.Equal([0], log.Addresses.ToArray());
        Assert.False(log.IsBlind[0]);
        Assert.Equal(11, log.Before[0]);
    }

    private static int[] Touched(TouchLog log, bool isBlind)
    {
        var words = new List<int>();
        for (int i = 0; i < log.Count; i++)
        {
            if (log.IsBlind[i] == isBlind)
                words.Add(log.Addresses[i]);
        }

        return [.. words];
    }
}
