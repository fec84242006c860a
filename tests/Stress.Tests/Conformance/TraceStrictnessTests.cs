using Kmaplab.Stress.Conformance;

namespace Kmaplab.Stress.Tests.Conformance;

/// <summary>Each case is a good trace with one thing changed, and must be refused at the line that shows it.</summary>
public sealed class TraceStrictnessTests
{
    [Theory]
    [InlineData("coarse", "\"profile\"", "\"profil\"", 1, "unknown field 'profil'")]
    [InlineData("coarse", "\"i\":1,", "\"i\":1,\"x\":0,", 2, "unknown field 'x'")]
    [InlineData("coarse", "\"last_pkmap_nr\":0,", "\"last_pkmap_nr\":0,\"x\":0,", 1, "unknown field 'x'")]
    [InlineData("coarse", "\"steps\":4", "\"steps\":4,\"x\":0", 6, "unknown field 'x'")]
    [InlineData("deadlock", "\"task\":1,\"page\":1}", "\"task\":1,\"p\":1}", 6, "'waiting': unknown field 'p'")]
    [InlineData("atomic", "\"entries\":{},", "\"entries\":{},\"x\":0,", 1, "unknown field 'x'")]
    [InlineData("coarse", "\"i\":1,", "\"i\":1,\"i\":1,", 2, "field 'i' appears twice")]
    [InlineData("coarse", ",\"smp\":true", "", 1, "field 'smp' is missing in 'config'")]
    [InlineData("coarse", "\"blocked\":true,", "", 3, "field 'blocked' is missing")]
    [InlineData("coarse", "\"wake_calls\":1,", "", 4, "field 'wake_calls' is missing in 'state'")]
    [InlineData("coarse", ",\"steps\":4", "", 6, "field 'steps' is missing")]
    [InlineData("deadlock", "\"count\":3,", "", 6, "'slots': field 'count' is missing")]
    [InlineData("deadlock", ",\"wait_for\":{\"1\":[0]}", "", 6, "field 'wait_for' is missing in an end 'deadlock'")]
    [InlineData("hash", "\"value\":4290772992,", "", 2, "field 'value' is missing in a step 'set_page_address'")]
    [InlineData("hash", ",\"hash_bits\":7", "", 1, "field 'hash_bits' is missing in a configuration with 'hash_shown'")]
    [InlineData("fine", "\"did\":\"spin\",", "", 3, "field 'did' is missing in a step 'kmap'")]
    [InlineData("fine", ",\"schedule\":[0,0]", "", 1, "field 'schedule' is missing in a configuration of kind 'fine'")]
    [InlineData("atomic", "\"cpu\":1,", "", 3, "field 'cpu' is missing")]
    [InlineData(
        "coarse", "\"page\":1,", "\"page\":1,\"value\":1,",
        3, "field 'value' does not belong in a step 'kmap'")]
    [InlineData("coarse", "\"i\":1,", "\"i\":1,\"did\":\"begin\",", 2, "field 'did' does not belong in a step 'kmap'")]
    [InlineData(
        "coarse", "\"blocked\":true", "\"blocked\":true,\"irq\":true",
        3, "field 'irq' does not belong in a step 'kmap'")]
    [InlineData(
        "coarse", "\"bug\",\"steps\":4", "\"bug\",\"steps\":4,\"lock_holder\":0",
        6, "field 'lock_holder' does not belong in an end 'bug'")]
    [InlineData(
        "delta", "\"page_table_set\":[]", "\"page_table_set\":[],\"page_table\":[0,0]",
        4, "field 'page_table' does not belong in a state of changes")]
    [InlineData(
        "delta", "\"pkmap_count\":[1,0]", "\"pkmap_count_set\":[[0,1]]",
        1, "field 'pkmap_count' is missing in a full state")]
    [InlineData(
        "atomic", "\"addr\":4294950912", "\"addr\":4294950912,\"type\":\"KM_USER0\"",
        4, "field 'type' does not belong in a step 'kmap_atomic_to_page'")]
    [InlineData(
        "coarse", "\"lock\":null}}", "\"lock\":null,\"pool\":[]}}",
        1, "field 'pool' does not belong in a trace without 'hash_shown'")]
    public void A_field_that_is_unknown_missing_doubled_or_out_of_place_is_refused(
        string sample, string good, string bad, int line, string reason) => Refuses(sample, good, bad, line, reason);

    [Theory]
    [InlineData(
        "coarse", "\"n_pages\":3", "\"n_pages\":\"3\"",
        1, "'n_pages': expected a whole number, found 3")]
    [InlineData(
        "coarse", "\"n_pages\":3", "\"n_pages\":3.0",
        1, "'n_pages': expected a whole number, found 3.0")]
    [InlineData("coarse", "\"smp\":true", "\"smp\":1", 1, "'smp': expected true or false, found 1")]
    [InlineData("coarse", "\"blocked\":true", "\"blocked\":null", 3, "'blocked': expected true or false, found null")]
    [InlineData("coarse", "\"woken\":[1]", "\"woken\":1", 4, "'woken': expected an array, found 1")]
    [InlineData(
        "coarse", "\"page_address\":{}", "\"page_address\":[]",
        1, "'page_address': expected an object, found an array")]
    [InlineData(
        "coarse", "\"vaddr\":4290772992", "\"vaddr\":-1",
        2, "'vaddr': -1 is not from 0 to 4294967295")]
    [InlineData("coarse", "\"trace\":\"c\"", "\"trace\":7", 1, "'trace': expected a string, found 7")]
    [InlineData("coarse", "\"irq\":true", "\"irq\":false", 5, "'irq': is left out rather than false")]
    [InlineData(
        "coarse", "\"kind\":\"coarse\"", "\"kind\":\"rough\"",
        1, "'kind': 'rough' is none of coarse, fine, hash, hash-fine, atomic")]
    [InlineData(
        "coarse", "kunmap:in_interrupt", "kunmap:oops",
        5, "'bug': 'kunmap:oops' is none of kunmap:not_mapped, ")]
    [InlineData(
        "coarse", "\"asleep\"", "\"snoring\"",
        3, "'tasks': 'snoring' is none of idle, ready, prep, asleep, dead")]
    [InlineData("coarse", "\"op\":\"kunmap\"", "\"op\":\"unmap\"", 4, "'op': 'unmap' is none of kmap, ")]
    [InlineData(
        "atomic", "\"type\":\"KM_USER1\"", "\"type\":\"KM_USER9\"",
        3, "'type': 'KM_USER9' is not in the configuration's 'types'")]
    public void A_value_of_the_wrong_type_or_an_unknown_word_is_refused(
        string sample, string good, string bad, int line, string reason) => Refuses(sample, good, bad, line, reason);

    [Theory]
    [InlineData("coarse", "\"task\":1,", "\"task\":2,", 3, "'task': 2 is not from 0 to 1")]
    [InlineData("coarse", "\"page\":1,", "\"page\":3,", 3, "'page': 3 is not from 0 to 2")]
    [InlineData("coarse", "\"n_pages\":3", "\"n_pages\":999999999", 1, "'n_pages': 999999999 is not from 0 to 1048575")]
    [InlineData("coarse", "\"low_pages\":{\"2\"", "\"low_pages\":{\"3\"", 1, "'low_pages': 3 is not from 0 to 2")]
    [InlineData("coarse", "\"low_pages\":{\"2\"", "\"low_pages\":{\"02\"", 1, "'low_pages': key '02' is not a number")]
    [InlineData("coarse", "\"page_table\":[-1]", "\"page_table\":[-2]", 1, "'page_table': -2 is not from -1 to 2")]
    [InlineData("coarse", "\"page_table\":[-1]", "\"page_table\":[-1,-1]", 1, "'page_table': has 2 items, must have 1")]
    [InlineData(
        "coarse", "\"tasks\":[\"idle\",\"asleep\"]", "\"tasks\":[\"idle\"]",
        3, "'tasks': has 1 items, must have 2")]
    [InlineData("coarse", "{\"0\":4290772992}", "{\"0\":0}", 2, "'page_address': a record has the address 0")]
    [InlineData("coarse", "{\"0\":4290772992}", "{\"0\":1,\"0\":2}", 2, "'page_address': page 0 appears twice")]
    [InlineData(
        "delta", "[[0,4290772992],[2,null]]", "[[2,null],[0,4290772992]]",
        3, "'page_address_set': 0 is not from 3 to 2")]
    [InlineData("delta", "[[1,-3]]", "[[1,-3,0]]", 4, "'pkmap_count_set': an item has too many values")]
    [InlineData("delta", "[[1,-3]]", "[[1]]", 4, "'pkmap_count_set': an item has too few values")]
    [InlineData("delta", "\"index\":1", "\"index\":2", 4, "'index': 2 is not from 0 to 1")]
    [InlineData("delta", "\"task\":null", "\"task\":0", 4, "'task' is null for a poke, and only then")]
    [InlineData(
        "hash", "\"page_bucket\":[8,107]", "\"page_bucket\":[8,128]",
        1, "'page_bucket': 128 is not from 0 to 127")]
    [InlineData("hash", "\"page_ptr\":[3245582592,", "\"page_ptr\":[", 1, "'page_ptr': has 1 items, must have 2")]
    [InlineData(
        "hash", "\"buckets\":{\"8\":[[0,4290772992,2]]}", "\"buckets\":{\"8\":[]}",
        2, "'buckets': bucket 8 is empty and must be left out")]
    [InlineData(
        "hash", "\"buckets\":{\"8\":[[0,4290772992,2]]}", "\"buckets\":{\"8\":[[0,1,2]],\"7\":[[0,1,1]]}",
        2, "'buckets': bucket 7 follows 8")]
    [InlineData("fine", "[\"kunmap\",0]", "[\"resume\",0]", 1, "'programs': 'resume' does not occur in programs")]
    [InlineData("fine", "\"schedule\":[0,0]", "\"schedule\":[0,1]", 3, "the schedule has task 1 here, not 0")]
    [InlineData("fine", "\"schedule\":[0,0]", "\"schedule\":[0]", 3, "the schedule has only 1 steps")]
    [InlineData("fine", "\"schedule\":[0,0]", "\"schedule\":[0,0,1]", 4, "the schedule has 3 steps, but 2 came before")]
    [InlineData("fine", "\"op\":\"kmap\"", "\"op\":\"resume\"", 2, "'resume' does not occur in kind 'fine'")]
    [InlineData(
        "coarse", "\"op\":\"kmap\"", "\"op\":\"clear_page_address\"",
        2, "'clear_page_address' does not occur in kind 'coarse'")]
    [InlineData(
        "atomic", "\"preempt_count\":[0,0]", "\"preempt_count\":[0]",
        1, "'preempt_count': has 1 items, must have 2")]
    [InlineData("atomic", "\"KM_USER1\":3", "\"KM_USER0\":3", 1, "'types': 'KM_USER0' appears twice")]
    public void A_value_outside_the_configuration_is_refused(
        string sample, string good, string bad, int line, string reason) => Refuses(sample, good, bad, line, reason);

    [Theory]
    [InlineData("coarse", "\"i\":3,", "\"i\":4,", 4, "step 4 stands where step 3 must be")]
    [InlineData("atomic", "\"i\":2,", "\"i\":3,", 3, "step 3 stands where step 2 must be")]
    [InlineData("coarse", "\"steps\":4", "\"steps\":5", 6, "'steps' is 5, but 4 steps came before")]
    [InlineData("coarse", "\"steps\":4}\n", "\"steps\":4}\n\n", 7, "something follows the end line")]
    [InlineData("coarse", "{\"end\":\"bug\",\"steps\":4}\n", "", 6, "the file ends where a step or the end must be")]
    [InlineData("coarse", "{\"i\":3,", "\n{\"i\":3,", 4, "the line is empty")]
    [InlineData("coarse", "{\"i\":3,", "[{\"i\":3,", 4, "expected an object")]
    [InlineData("coarse", "{\"i\":3,", "{\"i\":3,,", 4, "not JSON at byte 8: ")]
    [InlineData("coarse", "\"steps\":4}", "\"steps\":4} 5", 6, "not JSON at byte 25: ")]
    [InlineData("coarse", "\"steps\":4}", "\"steps\":4", 6, "not JSON at byte 23: ")]
    [InlineData("coarse", "\"trace\":\"c\"", "\"trace\":\"\\ud800\"", 1, "'trace': the text is not valid Unicode")]
    public void A_line_that_is_missing_extra_or_broken_is_refused(
        string sample, string good, string bad, int line, string reason) => Refuses(sample, good, bad, line, reason);

    [Fact]
    public void An_empty_file_is_refused()
    {
        var e = Assert.Throws<TraceFormatException>(() => TraceSamples.Open(""));
        Assert.Equal("x:1: the file ends where the configuration must be", e.Message);
    }

    [Fact]
    public void Every_line_left_out_is_noticed()
    {
        foreach (string text in TraceSamples.All.Values)
        {
            string[] lines = text.TrimEnd('\n').Split('\n');
            for (int line = 0; line < lines.Length; line++)
            {
                string cut = string.Concat(lines.Where((_, i) => i != line).Select(l => l + "\n"));
                Assert.Throws<TraceFormatException>(() => TraceSamples.ReadAll(TraceSamples.Open(cut)));
            }
        }
    }

    [Fact]
    public void Every_cut_inside_the_text_is_noticed()
    {
        foreach (string text in TraceSamples.All.Values)
        {
            // The last line end may be missing: editors drop it.
            for (int length = 0; length < text.Length - 1; length++)
            {
                string cut = text[..length];
                Assert.Throws<TraceFormatException>(() => TraceSamples.ReadAll(TraceSamples.Open(cut)));
            }
        }
    }

    private static void Refuses(string sample, string good, string bad, int line, string reason)
    {
        string text = TraceSamples.All[sample];
        int at = text.IndexOf(good, StringComparison.Ordinal);
        Assert.True(at >= 0, $"the sample has no {good}");

        string changed = text.Remove(at, good.Length).Insert(at, bad);
        var e = Assert.Throws<TraceFormatException>(() => TraceSamples.ReadAll(TraceSamples.Open(changed)));
        Assert.Equal(("x", line), (e.File, e.Line));
        Assert.StartsWith(reason, e.Reason, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', e.Message);
    }
}
