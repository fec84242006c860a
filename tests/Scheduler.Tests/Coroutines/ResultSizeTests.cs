using System.Runtime.InteropServices;
using Kmaplab.Scheduler.Coroutines;

namespace Kmaplab.Scheduler.Tests.Coroutines;

/// <summary>
/// Results travel in one 64-bit register: everything that fits must survive, everything else be refused.
/// </summary>
public sealed class ResultSizeTests
{
    private enum Colour : ushort
    {
        Red = 0xFFFE,
    }

    private readonly record struct Three(byte A, byte B, byte C);

    private readonly record struct Pair(int A, int B);

    [StructLayout(LayoutKind.Sequential, Pack = 1)]
    private readonly record struct Packed(byte A, int B, short C, byte D);

    private readonly record struct Nine(long A, byte B);

    private readonly record struct Named(string Name);

    private readonly struct Empty;

    [Fact]
    public void Every_value_up_to_8_bytes_survives()
    {
        Returns(true);
        Returns((byte)0xFF);
        Returns((sbyte)-1);
        Returns(short.MinValue);
        Returns('\uFFFF');
        Returns(int.MinValue);
        Returns(uint.MaxValue);
        Returns(long.MinValue);
        Returns(ulong.MaxValue);
        Returns(double.NaN);
        Returns(-0.0f);
        Returns((nint)(-3));
        Returns(Colour.Red);
        Returns(new Three(1, 2, 3));
        Returns(new Pair(-1, int.MaxValue));
        Returns(new Packed(255, -2, -3, 254));
        Returns((int?)null);
        Returns((int?)-7);
        Returns(default(Empty));
    }

    [Fact]
    public void A_smaller_result_does_not_see_what_a_larger_one_left_in_the_register()
    {
        byte seen = 0;
        KernelStack stack = StackRuns.Started(async () =>
        {
            await AfterStop(-1L);
            seen = await AfterStop((byte)1);
        });
        stack.RunToEnd();
        Assert.Equal(1, seen);
    }

    [Fact]
    public void A_result_of_more_than_8_bytes_is_refused_by_name()
    {
        IsRefused("Nine", async () => await AfterStop(new Nine(1, 2)));
        IsRefused("Decimal", async () => await AfterStop(1m));
    }

    [Fact]
    public void A_result_with_a_reference_is_refused_by_name()
    {
        IsRefused("String", async () => await AfterStop("text"));
        IsRefused("Named", async () => await AfterStop(new Named("text")));
    }

    [Fact]
    public void A_result_is_refused_whether_or_not_the_function_stops()
    {
        IsRefused("Nine", async () => await WithoutStop(new Nine(1, 2)));
        IsRefused("String", async () => await WithoutStop("text"));
    }

    [Fact]
    public void A_step_that_does_not_fit_the_register_is_refused_by_name()
    {
        IsRefused("Nine", async () => await KernelStep<Nine>.Parked);
        IsRefused("String", async () => await KernelStep<string>.Parked);
    }

    private static void Returns<T>(T value)
    {
        var results = new List<T>();
        KernelStack stack = StackRuns.Started(async () =>
        {
            T result = await AfterStop(value);
            results.Add(result);
            result = await WithoutStop(value);
            results.Add(result);
            result = await Through(value);
            results.Add(result);
        });
        Assert.Equal(2, stack.RunToEnd());
        Assert.Null(stack.Exception);
        Assert.Equal([value, value, value], results);
    }

    private static void IsRefused(string type, Func<KernelTask> body)
    {
        KernelStack stack = StackRuns.Started(body);
        stack.RunToEnd();
        var refusal = Assert.IsType<KernelMisuseException>(stack.Exception);
        Assert.Contains(type, refusal.Message);
        Assert.Contains("at most 8 bytes without references", refusal.Message);
    }

    private static async KernelTask<T> AfterStop<T>(T value)
    {
        await KernelStep.Parked;
        return value;
    }

    private static async KernelTask<T> WithoutStop<T>(T value)
    {
        await KernelStep.Done;
        return value;
    }

    private static async KernelTask<T> Through<T>(T value)
    {
        T inner = await AfterStop(value);
        return await WithoutStop(inner);
    }
}
