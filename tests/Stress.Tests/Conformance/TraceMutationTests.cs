using System.Text;
using Kmaplab.Stress.Conformance;
using Kmaplab.Stress.Conformance.Comparison;
using Kmaplab.Stress.Conformance.Format;
using Kmaplab.Stress.Conformance.Recording;

namespace Kmaplab.Stress.Tests.Conformance;

/// <summary>
/// A member that is silently ignored would make "conforms" mean less: so each member of each line of each kind of trace
/// is taken away, doubled, renamed and given another type, and each value of a state another one, and somebody must
/// notice each time.
/// </summary>
public sealed class TraceMutationTests
{
    // What may be absent says nothing by that: these are there only where they are true, or where they are known.
    private static readonly HashSet<string> s_mayBeAbsent = ["irq", "spinning", "livelock", "lock_holder"];

    private static readonly HashSet<string> s_mayBeNull = ["task", "vaddr", "bug", "state.lock", "result"];

    private static readonly HashSet<string> s_results = ["vaddr", "blocked", "woken", "bug", "did", "next", "result"];

    public static TheoryData<string> Samples { get; } = [.. TraceSamples.All.Keys];

    public static TheoryData<string> Recordings { get; } = ["coarse", "delta", "fine", "hash-fine", "atomic"];

    [Theory]
    [MemberData(nameof(Samples))]
    public void A_member_taken_away_doubled_renamed_or_of_another_type_is_refused(string sample)
    {
        TraceMutation[] mutations = [.. TraceMutation.All(TraceSamples.All[sample]).Where(MustBeRefused)];

        Assert.True(mutations.Length > 100, $"only {mutations.Length} changes were tried");
        Assert.DoesNotContain(mutations, mutation => !IsRefused(mutation.Text));
    }

    [Theory]
    [MemberData(nameof(Recordings))]
    public void A_value_of_a_state_or_a_result_that_is_altered_is_refused_or_a_mismatch(string kind)
    {
        string text = Record(kind);
        TraceMutation[] mutations = [.. TraceMutation.All(text).Where(MustBeNoticed)];

        Assert.True(Agrees(text));
        Assert.True(mutations.Length > 100, $"only {mutations.Length} changes were tried");
        Assert.DoesNotContain(mutations, mutation => Agrees(mutation.Text));
    }

    private static bool MustBeRefused(TraceMutation mutation) => mutation.Kind switch
    {
        MutationKind.Removed => !s_mayBeAbsent.Contains(mutation.Member),
        MutationKind.Nulled => !s_mayBeNull.Contains(mutation.Member),
        MutationKind.Altered => false,
        _ => true,
    };

    private static bool MustBeNoticed(TraceMutation mutation) =>
        mutation.Kind is MutationKind.Altered or MutationKind.Nulled or MutationKind.Removed
            && (mutation.Member.StartsWith("state.", StringComparison.Ordinal) || s_results.Contains(mutation.Member));

    private static bool IsRefused(string text)
    {
        try
        {
            TraceSamples.ReadAll(TraceSamples.Open(text));
            return false;
        }
        catch (TraceFormatException refused)
        {
            Assert.DoesNotContain('\n', refused.Message);
            return true;
        }
    }

    private static bool Agrees(string text)
    {
        try
        {
            using TraceReader trace = TraceSamples.Open(text);
            return new Conformer().Compare(trace, "x").Mismatches == 0;
        }
        catch (TraceFormatException)
        {
            return false;
        }
    }

    private static string Record(string kind)
    {
        RecordOptions options = kind switch
        {
            "coarse" => new() { Kind = TraceKind.Coarse, Seed = 1, Steps = 6, Tasks = 2, Slots = 1, Pages = 3 },
            "delta" => new() { Kind = TraceKind.Coarse, Seed = 1, Steps = 4, Tasks = 2, Slots = 32, Pages = 3 },
            "fine" => new() { Kind = TraceKind.Fine, Seed = 1, Steps = 8, Tasks = 2, Slots = 1, Pages = 3 },
            "hash-fine" => new() { Kind = TraceKind.HashFine, Seed = 1, Steps = 12, Tasks = 2, Slots = 1, Pages = 3 },
            _ => new() { Kind = TraceKind.Atomic, Seed = 1, Steps = 8, Pages = 3, Cpus = 2 },
        };
        var stream = new MemoryStream();
        TraceRecorder.Record(options).WriteTo(stream);
        return Encoding.UTF8.GetString(stream.ToArray());
    }
}
