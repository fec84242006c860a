using System.Buffers.Binary;
using System.IO.Hashing;
using System.Threading;
using CsCheck;
using Kmaplab.Scheduler.Verification.Storage;

namespace Kmaplab.Scheduler.Tests.Verification.Storage;

/// <summary>
/// A state that a set takes for known is never expanded: a mistake here would be a false proof.
/// </summary>
public sealed class VisitedSetTests
{
    public static TheoryData<bool> Kinds => [false, true];

    [Theory]
    [MemberData(nameof(Kinds))]
    public void A_state_keeps_the_number_that_it_was_given_first(bool isExact) =>
        Gen.Int[0, 99].Array[0, 300].Sample(
            states =>
            {
                using IVisitedSet set = Create(isExact, workers: 1);
                var model = new Dictionary<int, int>();
                for (int number = 0; number < states.Length; number++)
                {
                    int state = states[number];
                    Assert.Equal(model.GetValueOrDefault(state, -1), Find(set, state));
                    model.TryAdd(state, number);
                    Assert.Equal(model[state], Insert(set, state, number));
                }
            },
            iter: 100);

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Nothing_is_lost_or_made_up_while_a_set_grows(bool isExact)
    {
        const int States = 60_000;
        using IVisitedSet set = Create(isExact, workers: 1);
        long atFirst = set.Bytes;
        for (int state = 0; state < States; state++)
            Assert.Equal(state, Insert(set, state, state));

        Assert.True(set.Bytes > 2 * atFirst, "it has not grown");
        for (int state = 0; state < States; state++)
            Assert.Equal(state, Find(set, state));

        for (int state = States; state < 2 * States; state++)
            Assert.Equal(-1, Find(set, state));
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Threads_that_add_the_same_states_agree_on_their_numbers(bool isExact)
    {
        const int States = 40_000;
        using IVisitedSet set = Create(isExact, workers: 2);
        int[][] got = [new int[States], new int[States]];
        Thread[] threads = [.. Enumerable.Range(0, 2).Select(worker => new Thread(() =>
        {
            for (int state = 0; state < States; state++)
            {
                set.Pass(worker);
                got[worker][state] = Insert(set, state, (2 * state) + worker);
            }

            set.Leave(worker);
        }))];
        Array.ForEach(threads, thread => thread.Start());
        Array.ForEach(threads, thread => thread.Join());

        Assert.Equal(got[0], got[1]);
        for (int state = 0; state < States; state++)
        {
            Assert.Equal(state, got[0][state] / 2);
            Assert.Equal(got[0][state], Find(set, state));
        }
    }

    [Fact]
    public void What_one_thread_adds_while_another_makes_the_tables_grow_is_not_lost()
    {
        const int States = 100_000;
        using IVisitedSet set = Create(isExact: false, workers: 2);
        Thread[] threads = [.. Enumerable.Range(0, 2).Select(worker => new Thread(() =>
        {
            for (int state = worker; state < States; state += 2)
            {
                set.Pass(worker);
                Insert(set, state, state);
            }

            set.Leave(worker);
        }))];
        Array.ForEach(threads, thread => thread.Start());
        Array.ForEach(threads, thread => thread.Join());

        for (int state = 0; state < States; state++)
            Assert.Equal(state, Find(set, state));
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Only_an_exact_set_tells_states_apart_that_have_one_hash(bool isExact)
    {
        using IVisitedSet set = Create(isExact, workers: 1);
        set.Insert(7, Bytes(1), 0);

        Assert.Equal(isExact ? -1 : 0, set.Find(7, Bytes(2)));
        Assert.Equal(isExact ? 1 : 0, set.Insert(7, Bytes(2), 1));
    }

    [Fact]
    public void Hashes_that_differ_in_one_bit_of_those_that_count_are_different_states()
    {
        // The lowest 31 bits add nothing to the bound on collisions.
        using IVisitedSet set = Create(isExact: false, workers: 1);
        set.Insert(UInt128.Zero, default, 0);
        for (int bit = 31; bit < 128; bit++)
            Assert.Equal(bit + 1, set.Insert(UInt128.One << bit, default, bit + 1));

        for (int bit = 31; bit < 128; bit++)
            Assert.Equal(bit + 1, set.Find(UInt128.One << bit, default));
    }

    [Fact]
    public void States_of_which_all_choose_one_bucket_are_found_again()
    {
        // They differ in the bits above those that choose shard and bucket.
        const int States = 500;
        using IVisitedSet set = Create(isExact: false, workers: 1);
        for (int state = 0; state < States; state++)
            Assert.Equal(state, set.Insert((UInt128)(ulong)state << 64, default, state));

        for (int state = 0; state < States; state++)
            Assert.Equal(state, set.Find((UInt128)(ulong)state << 64, default));

        Assert.Equal(-1, set.Find((UInt128)(ulong)States << 64, default));
    }

    [Fact]
    public void A_set_takes_at_most_24_bytes_a_state()
    {
        const int States = 600_000;
        using IVisitedSet set = Create(isExact: false, workers: 1);
        for (int state = 0; state < States; state++)
            Insert(set, state, state);

        Assert.InRange((double)set.Bytes / States, 16, 24.0);
    }

    private static IVisitedSet Create(bool isExact, int workers) =>
        isExact ? new ExactVisitedSet() : new VisitedSet(workers);

    private static int Find(IVisitedSet set, int state) =>
        set.Find(XxHash128.HashToUInt128(Bytes(state)), Bytes(state));

    private static int Insert(IVisitedSet set, int state, int number) =>
        set.Insert(XxHash128.HashToUInt128(Bytes(state)), Bytes(state), number);

    private static byte[] Bytes(int state)
    {
        byte[] bytes = new byte[sizeof(int)];
        BinaryPrimitives.WriteInt32LittleEndian(bytes, state);
        return bytes;
    }
}
