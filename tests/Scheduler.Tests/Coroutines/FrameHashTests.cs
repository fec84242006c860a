using CsCheck;
using Kmaplab.Scheduler.Coroutines;

namespace Kmaplab.Scheduler.Tests.Coroutines;

/// <summary>A stack's hash is that of its call chain and of all locals, and of nothing else.</summary>
public sealed class FrameHashTests
{
    // Few values, so that equal ones come up often.
    private static readonly Gen<(int A, byte B, int Depth, int Stops)> s_call = Gen.Select(
        Gen.Int[-2, 2],
        Gen.Byte[0, 3],
        Gen.Int[0, 3],
        Gen.Int[0, 3]);

    [Fact]
    public void Equal_calls_have_equal_hashes_and_different_ones_differ() =>
        Gen.Select(s_call, s_call).Sample((one, other) => (HashOf(one) == HashOf(other)) == (one == other));

    [Fact]
    public void Resuming_in_place_and_by_copying_lead_to_the_same_hash() =>
        s_call.Sample(call => HashOf(call, copyOnResume: false) == HashOf(call, copyOnResume: true));

    [Fact]
    public void A_stack_that_was_hashed_on_the_way_has_the_hash_of_one_that_was_not() =>
        s_call.Sample(call => HashOf(call, hashOnTheWay: true) == HashOf(call));

    [Fact]
    public void A_frame_that_was_used_before_leaves_nothing_behind() =>
        Gen.Select(s_call, s_call).Sample((before, call) =>
        {
            var pool = new FramePool();
            var used = new KernelStack(pool, copyOnResume: true);
            used.Start(Body(before));
            used.Top!.ContentHash();
            Frame.ReturnUnkept(used.Top, pool);
            var stack = new KernelStack(pool, copyOnResume: true);
            stack.Start(Body(call));
            Advance(stack, call.Stops);
            return stack.Top!.ContentHash() == HashOf(call);
        });

    [Fact]
    public void Two_functions_with_the_same_locals_differ()
    {
        KernelStack one = StackRuns.Started(() => First(1));
        KernelStack other = StackRuns.Started(() => Second(1));
        Assert.NotEqual(one.Top!.ContentHash(), other.Top!.ContentHash());
    }

    [Fact]
    public void A_callee_differs_by_its_caller()
    {
        KernelStack alone = StackRuns.Started(() => First(1));
        KernelStack called = StackRuns.Started(() => Caller(1));
        Assert.Equal(alone.Top!.Type.Function, called.Top!.Type.Function);
        Assert.NotEqual(alone.Top!.ContentHash(), called.Top!.ContentHash());
    }

    private static UInt128 HashOf(
        (int A, byte B, int Depth, int Stops) call,
        bool copyOnResume = false,
        bool hashOnTheWay = false)
    {
        KernelStack stack = StackRuns.Started(Body(call), copyOnResume);
        Advance(stack, call.Stops, hashOnTheWay);
        return stack.Top!.ContentHash();
    }

    private static void Advance(KernelStack stack, int resumes, bool hashOnTheWay = false)
    {
        for (int i = 0; i < resumes; i++)
        {
            if (hashOnTheWay)
                stack.Top!.ContentHash();

            stack.Resume();
        }
    }

    private static Func<KernelTask> Body((int A, byte B, int Depth, int Stops) call) =>
        async () => await Nest(call.A, call.B, call.Depth);

    private static async KernelTask<int> Nest(int a, byte b, int depth)
    {
        if (depth > 0)
            return a + await Nest(a, b, depth - 1);

        int stops = 0;
        while (stops < 4)
        {
            stops++;
            await KernelStep.Parked;
        }

        return a + b + stops;
    }

    // Both keep the local to the end.
    private static async KernelTask First(int local)
    {
        for (; local > 0; local--)
            await KernelStep.Parked;
    }

    private static async KernelTask Second(int local)
    {
        for (; local > 0; local--)
            await KernelStep.Parked;
    }

    private static async KernelTask Caller(int local)
    {
        await First(local);
        for (; local > 0; local--)
            await KernelStep.Parked;
    }
}
