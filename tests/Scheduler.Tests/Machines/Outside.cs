using Kmaplab.Scheduler.Coroutines;
using Kmaplab.Scheduler.Detection;
using Kmaplab.Scheduler.Detectors;
using Kmaplab.Scheduler.Kernel;
using Kmaplab.Scheduler.Simulation;
using Kmaplab.Scheduler.Simulation.Running;

namespace Kmaplab.Scheduler.Tests.Machines;

/// <summary>
/// Two tasks that share something outside kernel memory, or misuse the library, each in the way that a name says.
/// </summary>
[KernelObject]
internal sealed class Outside(IKernelBoot<SimulatedKernel> boot, string kind)
{
    private static readonly int[] s_numbers = new int[2];
    private static int s_count;
    private static int s_boots;

    [ThreadStatic]
    private static int t_count;

    [ThreadStatic]
    private static object? t_cache;

    private readonly Shared<SimulatedKernel> _word = Shared<SimulatedKernel>.Create(boot, "word", guard: -1);
    private readonly int[] _array = new int[2];
    private readonly List<int> _list = [];
    private readonly Helper _helper = new();
    private readonly int[,] _grid = new int[2, 2];
    private readonly Dictionary<int, string> _names = new() { [0] = "zero" };
    private readonly Random _random = new(1);
    private readonly SharedArray<SimulatedKernel> _two = SharedArray<SimulatedKernel>.Create(
        boot,
        "two",
        2,
        guard: -1);
    private readonly int _made = kind == "boot-field" ? s_boots++ : 0;
    private Pair _pair;
    private int _looks;
    private int _count;
    private bool _busy;

    /// <summary>A machine of such tasks.</summary>
    internal static MachineImage Image(string kind) =>
        MachineBuilder.Boot(2, interrupts: 0, new MachineOptions(), StandardDetectors.Create(), boot =>
            new Outside(boot, kind).Spawn(boot));

    private void Spawn(MachineBuilder machine)
    {
        if (kind == "boot-word")
            _word.Value = s_boots++;

        if (kind == "cache-of-thread")
            t_cache ??= new object();

        if (kind == "check")
            machine.AtEnd(() => _looks++ < 0 ? new Finding(FailureClass.Assertion, "") : null);

        int captured = 0;
        for (int task = 0; task < 2; task++)
        {
            int number = task;
            machine.Spawn("task", kind == "captured"
                ? async () =>
                {
                    await _word.WriteOnce(1);
                    captured++;
                    await _word.WriteOnce(2);
                }
            : () => Work(number));
        }
    }

    private async KernelTask Work(int number)
    {
        await _word.WriteOnce(1);
        switch (kind)
        {
            case "field":
                _count++;
                break;
            case "field-and-failure" when number == 1:
                await _word.WriteOnce(2);
                throw new InvalidOperationException("found first, and looked for again");
            case "field-later" or "field-and-failure":
                await _word.WriteOnce(3);
                _count++;
                break;
            case "static":
                s_count++;
                break;
            case "of-thread":
                t_count++;
                break;
            case "array":
                _array[0]++;
                break;
            case "list":
                _list.Add(1);
                break;
            case "helper":
                _helper.Count++;
                break;
            case "static-array":
                s_numbers[1]++;
                break;
            case "static-of-kernel":
                Statics<SimulatedKernel>.Count++;
                break;
            case "struct":
                _pair.Second++;
                break;
            case "grid":
                _grid[1, 0]++;
                break;
            case "dictionary":
                _names[1] = "one";
                break;
            case "random-seeded":
                await _word.WriteOnce(_random.Next(2));
                break;
            case "keys":
                await _word.WriteOnce(_names.Keys.Count + _names.Values.Count + _pair.First);
                break;
            case "behind":
                await _two.WriteOnce(2, 1);
                break;
            case "spawned-late":
                boot.Spawn("late", Twice);
                break;
            case "step-awaited-twice":
                KernelStep step = _word.WriteOnce(7);
                await step;
                await step;
                break;
            case "toggled":
                _busy = true;
                await _word.WriteOnce(3);
                _busy = false;
                break;
            case "random" when Guid.NewGuid().GetHashCode() % 2 == 0:
                await _word.WriteOnce(4);
                break;
            case "throws" when number == 1:
                throw new InvalidOperationException("no such page");
            case "not-awaited":
                KernelStep forgotten = _word.WriteOnce(5);
                Assert.False(forgotten.IsCompleted);
                return;
            case "awaited-twice":
                KernelTask task = Twice();
                await task;
                await task;
                break;
            default:
                break;
        }

        await _word.WriteOnce(2 + _made + _count + _array[1] + (_busy ? 1 : 0) + Math.Min(s_count + t_count, 0));
    }

    private async KernelTask Twice() => await _word.WriteOnce(6);

    private static class Statics<TKernel>
    {
        internal static int Count { get; set; }
    }

    private struct Pair
    {
        internal int First { get; set; }

        internal int Second;
    }

    private sealed class Helper
    {
        internal int Count { get; set; }
    }
}
