using CsCheck;
using Kmaplab.Scheduler.Coroutines;
using Kmaplab.Scheduler.Detection;
using Kmaplab.Scheduler.Kernel;
using Kmaplab.Scheduler.Simulation;
using Kmaplab.Scheduler.Simulation.Running;

namespace Kmaplab.Scheduler.Tests.Machines;

/// <summary>What a task of a <see cref="RandomProgram"/> does next, with one of two locks, words or queues.</summary>
internal enum Instruction
{
    /// <summary>Changes a lock's word, under the lock.</summary>
    Change,

    /// <summary>Remembers a lock's word, under the lock.</summary>
    Remember,

    /// <summary>Changes the lock's word under both locks: this one first.</summary>
    ChangeUnderBoth,

    /// <summary>Adds to an unprotected word, and remembers what it was.</summary>
    FetchAdd,

    /// <summary>Reads an unprotected word, then writes it: two steps.</summary>
    ReadThenWrite,

    /// <summary>Sleeps until a lock's word is not 0, as kmap_high sleeps for a slot.</summary>
    Sleep,

    /// <summary>Changes a lock's word, and wakes who waits for it.</summary>
    ChangeAndWake,
}

/// <summary>Two or three tasks with a few instructions each.</summary>
[KernelObject]
internal sealed class RandomProgram((Instruction Kind, int Which)[][] tasks)
{
    private readonly SpinLock<SimulatedKernel>[] _locks = new SpinLock<SimulatedKernel>[2];
    private readonly WaitQueue<SimulatedKernel>[] _queues = new WaitQueue<SimulatedKernel>[2];
    private readonly Shared<SimulatedKernel>[] _guarded = new Shared<SimulatedKernel>[2];
    private SharedArray<SimulatedKernel> _free;
    private SharedArray<SimulatedKernel> _remembered;
    private SimulatedKernel _kernel;

    internal static Gen<RandomProgram> Any { get; } = OfTasks(3);

    /// <summary>Two tasks: all executions of such a program can be run.</summary>
    internal static Gen<RandomProgram> Pairs { get; } = OfTasks(2);

    private static Gen<RandomProgram> OfTasks(int max) => Gen.Select(
        Gen.Int[0, (int)Instruction.ChangeAndWake], Gen.Int[0, 1], (kind, which) => ((Instruction)kind, which))
        .Array[1, 3]
        .Array[2, max]
        .Select(tasks => new RandomProgram(tasks));

    internal MachineImage Boot(MachineOptions options, params IEnumerable<Detector> detectors) => SmallMachine.Boot(
        tasks.Length,
        boot =>
        {
            _kernel = boot.Kernel;
            for (int i = 0; i < 2; i++)
            {
                _locks[i] = SpinLock<SimulatedKernel>.Create(boot, $"lock{i}");
                _queues[i] = WaitQueue<SimulatedKernel>.Create(boot, $"queue{i}");
                _guarded[i] = Shared<SimulatedKernel>.Create(boot, $"guarded{i}", _locks[i].Number);
            }

            _free = SharedArray<SimulatedKernel>.Create(boot, "free", 2, guard: -1);
            _remembered = SharedArray<SimulatedKernel>.Create(boot, "remembered", tasks.Length, guard: -1);
            for (int task = 0; task < tasks.Length; task++)
            {
                int number = task;
                boot.Spawn("test", () => Run(number));
            }

            boot.AtEnd(() =>
                Words == Forbidden ? new Finding(FailureClass.Assertion, $"it ends with {Forbidden}") : null);
        },
            options,
            detectors);

    /// <summary>All words, as text.</summary>
    internal string Words => string.Join(
        ' ',
        [
            _guarded[0].Peek,
            _guarded[1].Peek,
            _free.Peek(0),
            _free.Peek(1),
            .. tasks.Select((_, task) => _remembered.Peek(task)),
        ]);

    /// <summary>Words with which it must not end; null if it may end with any.</summary>
    internal string? Forbidden { get; set; }

    /// <summary>All words, and where the tasks are.</summary>
    internal string Outcome(Machine machine) =>
        $"{Words} {string.Join(' ', tasks.Select((_, task) => machine.Tasks.Status(task)))}";

    public override string ToString() =>
        string.Join(
            " | ",
            tasks.Select(instructions =>
                string.Join(", ", instructions.Select(instruction => $"{instruction.Kind} {instruction.Which}"))));

    private async KernelTask Run(int task)
    {
        for (int i = 0; i < tasks[task].Length; i++)
            await Execute(task, tasks[task][i].Kind, tasks[task][i].Which);
    }

    private async KernelTask Execute(int task, Instruction kind, int which)
    {
        switch (kind)
        {
            case Instruction.Change:
                await Change(task, which);
                break;
            case Instruction.Remember:
                await _locks[which].Acquire();
                Remember(task, _guarded[which].Value);
                await _locks[which].Release();
                break;
            case Instruction.ChangeUnderBoth:
                await _locks[which].Acquire();
                await Change(task, 1 - which);
                await _locks[which].Release();
                break;
            case Instruction.FetchAdd:
                int before = await _free.FetchAdd(which, task + 1);
                Remember(task, before);
                break;
            case Instruction.ReadThenWrite:
                int read = await _free.ReadOnce(which);
                await _free.WriteOnce(which, (read * 3) + task + 1);
                break;
            case Instruction.Sleep:
                await SleepUntilChanged(which);
                break;
            case Instruction.ChangeAndWake:
                await Change(task, which);
                await _queues[which].WakeUp();
                break;
            default:
                throw new InvalidOperationException($"{kind} is no instruction");
        }
    }

    private async KernelTask Change(int task, int which)
    {
        await _locks[which].Acquire();
        _guarded[which].Value = (_guarded[which].Value * 3) + task + 1;
        await _locks[which].Release();
    }

    private async KernelTask SleepUntilChanged(int which)
    {
        await _locks[which].Acquire();
        while (_guarded[which].Value == 0)
        {
            await _kernel.SetState(TaskState.Uninterruptible);
            await _queues[which].Add();
            await _locks[which].Release();
            await _kernel.Schedule();
            await _queues[which].Remove();
            await _locks[which].Acquire();
        }

        await _locks[which].Release();
    }

    // A task's own word, which nobody else looks at.
    private void Remember(int task, int value) => _remembered[task] = (_remembered[task] * 5) + value + 1;
}
