using System.Diagnostics;
using System.Reflection;
using System.Runtime.CompilerServices;
using Kmaplab.Scheduler.Coroutines;
using Kmaplab.Scheduler.Coroutines.Plain;
using Kmaplab.Scheduler.Kernel;

namespace Kmaplab.Scheduler.Tests.Threads.Twins;

/// <summary>
/// Kernel functions in all forms that a twin is written of; each says what it does, and in what order.
/// </summary>
internal partial class TwinSamples<TKernel>
    where TKernel : struct, IKernel
{
    private readonly Shared<TKernel> _word;
    private int _number = 10;

    internal TwinSamples(IKernelBoot<TKernel> boot) =>
        _word = Shared<TKernel>.Create(boot, "word", Protection.Marked);

    /// <summary>What was done.</summary>
    internal List<string> Said { get; init; } = [];

    /// <summary>Another object, whose class its type does not tell.</summary>
    internal TwinSamples<TKernel>? Other { get; set; }

    internal async KernelTask All()
    {
        await InOrder();
        Say($"{await Nested()} {await Chosen(true)} {await Chosen(false)} {await Switched(2)} {await Static(_word)}");
        await Conditions();
        Say($"{await Tried(false)} {await Tried(true)}");
        await Caught();
        await Used();
        await Loops();
        Say($"{await HandedOn(true)} {await HandedOn(false)} {await Echo(7L)} {await Long()}");
        await Perhaps(true);
        await Perhaps(false);
        await Within();
        await Short();
        if (Other is not null)
            Say($"{await Other.Yield(20) + await Other!.HandedOn(true)}");

        if (Other is not null)
            await Other.Perhaps(true);

        foreach (int number in new[] { 1, 2 })
            await Yield(number);

        await Filtered();
        await ForItsCaller();
    }

    internal virtual async KernelTask<int> Yield(int value)
    {
        int before = await _word.FetchAdd(1);
        Say($"yield {value} at {before}");
        return value;
    }

    private async KernelTask InOrder()
    {
        int[] numbers = new int[8];
        numbers[await Yield(1)] += await Yield(5) + _number++ + await Yield(_number);
        _number -= await Yield(3);
        Say(string.Join(' ', numbers) + $" {_number}");
    }

    private async KernelTask<int> Nested() => await Add(await Yield(1), await Add(await Yield(2), _number));

    private async KernelTask<int> Add(int left, int right)
    {
        await _word.WriteOnce(left);
        return left + right;
    }

    private async KernelTask<int> Chosen(bool first) => first ? await Yield(1) : await Yield(2);

    private async KernelTask<int> Switched(int which) => await Yield(which) switch
    {
        1 => 10,
        2 when await Is(true) => await Yield(20),
        _ => 30,
    };

    private async KernelTask<bool> Is(bool answer)
    {
        Say($"asked for {answer}");
        return await _word.ReadOnce() >= 0 && answer;
    }

    private async KernelTask Conditions()
    {
        if ((await Is(false) && await Is(true)) || await Is(true))
            Say("one of them");

        if (int.TryParse("5", out int parsed) && await Yield(parsed) is var yielded and > 4)
            Say($"parsed {yielded}");
    }

    private async KernelTask<int> Tried(bool throws)
    {
        try
        {
            if (throws)
                await Throws("tried");

            return await Yield(1);
        }
        catch (InvalidOperationException exception)
        {
            Say($"caught {exception.Message} with {await Yield(2)}");
            return -1;
        }
        finally
        {
            await Yield(3);
        }
    }

    private async KernelTask Throws(string what)
    {
        await _word.ReadOnce();
        throw new InvalidOperationException(what);
    }

    private async KernelTask Caught()
    {
        try
        {
            try
            {
                await Throws("inner");
            }
            finally
            {
                Say("left");
            }
        }
        catch (InvalidOperationException exception)
        {
            Say(exception.Message);
        }
    }

    private async KernelTask Used()
    {
        using var scope = new Scope(this);
        await Yield(1);
        using (new Scope(this))
            await Yield(2);
    }

    private async KernelTask Loops()
    {
        for (int i = await Yield(0); i < await Yield(3); i += await Yield(1))
        {
            if (i == 1)
                continue;

            do
            {
                i += await Yield(1);
            }
            while (await Is(i < 1));
        }

        while (true)
        {
            if (await Is(true))
                break;
        }
    }

    private KernelTask<int> HandedOn(bool first)
    {
        Say("handed on");
        return first ? Yield(1) : _number > 1_000 ? throw new InvalidOperationException("too much") : Yield(2);
    }

    private async KernelTask<T> Echo<T>(T value)
    {
        await _word.ReadOnce();
        return value;
    }

    private async KernelTask<long> Long()
    {
        long much = long.MaxValue - await Yield(1);
        return much;
    }

    private KernelTask Perhaps(bool does) => does ? Short() : default;

    private async KernelTask Short() => await Yield(99);

    private async KernelTask Within()
    {
        Func<int, int> doubled = value => value * 2;
        Say($"{doubled(await Yield(4))} {await Inner()}");

        async KernelTask<int> Inner()
        {
            await _word.ReadOnce();
            return 8;
        }
    }

    private static async KernelTask<int> Static(Shared<TKernel> word)
    {
        ref int none = ref System.Runtime.CompilerServices.Unsafe.NullRef<int>();
        int before = Unsafe.IsNullRef(ref none) ? 1 : 2;
        return before + (await word.ReadOnce() >= 0 ? 1 : 0);
    }

    private async KernelTask Filtered()
    {
        try
        {
            await Throws("filtered");
        }
        catch (InvalidOperationException exception) when (exception.Message == "filtered")
        {
            Say("filtered");
        }
    }

    private async KernelTask ForItsCaller()
    {
        await _word.ReadOnce();
        Named();
    }

    private void Named([CallerMemberName] string name = "") => Say(name);

    [MethodImpl(MethodImplOptions.NoInlining)]
    private void Say(string what) => Said.Add(what);

    /// <summary>Whether one of the calls that led here is that of a twin.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    protected static bool IsInTwin() => new StackTrace().GetFrames().Any(frame =>
        frame.GetMethod()?.GetCustomAttribute<PlainTwinAttribute>() is not null);

    private sealed class Scope(TwinSamples<TKernel> of) : IDisposable
    {
        public void Dispose() => of.Say("disposed");
    }
}

/// <summary>Overrides a function, and has its twin written.</summary>
internal partial class OverridingSamples<TKernel>(IKernelBoot<TKernel> boot) : TwinSamples<TKernel>(boot)
    where TKernel : struct, IKernel
{
    internal override async KernelTask<int> Yield(int value)
    {
        Said.Add($"overridden {value}");
        return await base.Yield(value) + 1;
    }
}

/// <summary>Overrides a function where nobody can write the twin.</summary>
internal sealed class OtherSamples<TKernel>(IKernelBoot<TKernel> boot) : TwinSamples<TKernel>(boot)
    where TKernel : struct, IKernel
{
    internal override async KernelTask<int> Yield(int value)
    {
        Said.Add($"other {value}");
        return await base.Yield(value) + 2;
    }
}

/// <summary>Is what its base is, but nobody has said so.</summary>
internal sealed class SameSamples<TKernel>(IKernelBoot<TKernel> boot) : OverridingSamples<TKernel>(boot)
    where TKernel : struct, IKernel;

/// <summary>Says whether it runs as a twin.</summary>
internal sealed partial class AskingSamples<TKernel>(IKernelBoot<TKernel> boot) : TwinSamples<TKernel>(boot)
    where TKernel : struct, IKernel
{
    internal bool WasTwin { get; private set; }

    internal override async KernelTask<int> Yield(int value)
    {
        WasTwin = IsInTwin();
        return await base.Yield(value);
    }
}

/// <summary>Calls itself without end.</summary>
internal sealed partial class EndlessSamples<TKernel>(IKernelBoot<TKernel> boot) : TwinSamples<TKernel>(boot)
    where TKernel : struct, IKernel
{
    internal override async KernelTask<int> Yield(int value) => await Further(value) + 1;

    private async KernelTask<int> Further(int value) => await Yield(value + 1) + 1;
}
