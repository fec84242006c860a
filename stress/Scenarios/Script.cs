using Kmaplab.Allocator;
using Kmaplab.Scheduler.Coroutines;
using Kmaplab.Scheduler.Kernel;
using Kmaplab.Scheduler.Scenarios;

namespace Kmaplab.Stress.Scenarios;

/// <summary>Each task does what its script says: the shortest way to write down a race.</summary>
[Scenario(
    "script",
    "each task follows its part of --script: m maps a page, u uses it, x unmaps it, w waits for a task's end",
    Slots = 1,
    Script = "mA uA xA | mB uB xB",
    AnyRounds = true,
    Uses = SizeParts.Slots | SizeParts.Rounds | SizeParts.Cpus | SizeParts.Script)]
public sealed partial class Script<TKernel> : KmapScenario<TKernel>
    where TKernel : struct, IKernel
{
    private Instruction[][] _programs = [];
    private SharedArray<TKernel> _addresses; // What kmap gave a task for a page: task * pages + page.
    private SharedArray<TKernel> _finished;
    private int _pages;

    /// <inheritdoc/>
    public override int Tasks(ScenarioSize size)
    {
        ArgumentNullException.ThrowIfNull(size);
        return ScriptReader.Read(size.Script).Length;
    }

    /// <inheritdoc/>
    protected override int PagesOf(ScenarioSize size) =>
        1
        + ScriptReader
            .Read(size.Script)
            .Max(program => program.Max(instruction => instruction.Kind == 'w' ? 0 : instruction.Operand));

    /// <inheritdoc/>
    protected override void SpawnTasks(IKernelBoot<TKernel> boot)
    {
        _programs = ScriptReader.Read(Size.Script);
        _pages = PagesOf(Size);
        _addresses = SharedArray<TKernel>.Create(
            boot,
            "addresses",
            _programs.Length * _pages,
            guard: -1,
            WordSort.Address,
            IndexSort.TaskAndFrame,
            RegionRole.Private);
        _finished = SharedArray<TKernel>.Create(
            boot,
            "finished",
            _programs.Length,
            guard: -1,
            index: IndexSort.Task,
            role: RegionRole.Bookkeeping);
        for (int task = 0; task < _programs.Length; task++)
        {
            int number = task;
            boot.Spawn("script", () => Worker(number));
        }
    }

    private async KernelTask Worker(int task)
    {
        for (var rounds = new RoundsLeft(Size.Rounds); await rounds.Next(Kernel);)
        {
            for (int i = 0; i < _programs[task].Length; i++)
                await Perform(task, _programs[task][i]);
        }

        // Only who is waited for takes a step to say so.
        if (IsAwaited(task))
            await _finished.WriteOnce(task, 1);
    }

    private async KernelTask Perform(int task, Instruction instruction)
    {
        var page = new Page(instruction.Operand);
        switch (instruction.Kind)
        {
            case 'm':
                VirtualAddress address = await Map(page);
                _addresses[(task * _pages) + page.Number] = (int)address.Value;
                break;
            case 'u':
                await Use(new VirtualAddress((uint)_addresses[(task * _pages) + page.Number]), page);
                break;
            case 'x':
                await Unmap(page);
                break;
            default:
                await _finished.Await(instruction.Operand, 1);
                break;
        }
    }

    private bool IsAwaited(int task) =>
        Array.Exists(_programs, program =>
            Array.Exists(program, instruction => instruction.Kind == 'w' && instruction.Operand == task));
}
