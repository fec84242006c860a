using Kmaplab.Scheduler.Coroutines;
using Kmaplab.Scheduler.Kernel;
using Kmaplab.Scheduler.Scenarios;

namespace Kmaplab.Stress.Oracle;

/// <summary>A small program as tasks: each thread is a coroutine that interprets its instructions.</summary>
/// <remarks>
/// Registers live in kernel memory and are cleared when the thread ends, so that a state is what the format says: the
/// instruction and the registers of each unfinished thread, the variables and the locks. A lock of the format has no
/// owner, whereas the machine remembers who holds a spin lock and how many a task holds. So where states are counted a
/// lock is a word: 1 while it is held, taken in the step that has waited for 0. Where only answers are wanted, and only
/// holders release, it is a spin lock, which can be fused.
/// </remarks>
internal sealed class OracleScenario<TKernel>(OracleProgram program, bool usesSpinLocks) : Scenario<TKernel>
    where TKernel : struct, IKernel
{
    private readonly SharedArray<TKernel>[] _registers = new SharedArray<TKernel>[program.Threads.Length];
    private readonly SpinLock<TKernel>[] _spinLocks = new SpinLock<TKernel>[usesSpinLocks ? program.Locks.Length : 0];
    private SharedArray<TKernel> _variables;
    private SharedArray<TKernel> _locks;

    public override int Tasks(ScenarioSize size) => program.Threads.Length;

    public override void Boot(IKernelBoot<TKernel> boot, ScenarioSize size)
    {
        _variables = SharedArray<TKernel>.Create(boot, "variables", program.Variables.Length, Protection.Marked);
        _locks = SharedArray<TKernel>.Create(
            boot,
            "locks",
            program.Locks.Length,
            guard: -1,
            role: RegionRole.Bookkeeping);
        for (int i = 0; i < program.Initial.Length; i++)
            _variables[i] = program.Initial[i];

        for (int i = 0; i < _spinLocks.Length; i++)
            _spinLocks[i] = SpinLock<TKernel>.Create(boot, program.Locks[i]);

        for (int i = 0; i < program.Threads.Length; i++)
        {
            int thread = i;
            _registers[i] = SharedArray<TKernel>.Create(
                boot,
                $"registers of thread {i}",
                program.Threads[i].Registers.Length,
                guard: -1,
                role: RegionRole.Private);
            boot.Spawn($"thread {i}", () => Run(thread));
        }
    }

    private async KernelTask Run(int thread)
    {
        // Exits are taken at once, so a thread never stands before one.
        for (int at = NextStep(thread, 0); at >= 0; at = NextStep(thread, at + 1))
            await Perform(thread, program.Threads[thread].Instructions[at]);

        Forget(thread);
    }

    /// <summary>The next instruction that is a step, or -1 if the thread ends.</summary>
    private int NextStep(int thread, int from)
    {
        OracleThread code = program.Threads[thread];
        for (int at = from; at < code.Instructions.Length; at++)
        {
            OracleInstruction instruction = code.Instructions[at];
            if (instruction.IsStep)
                return at;

            bool isEqual = _registers[thread][instruction.Register] == instruction.Value;
            if (isEqual == (instruction.Opcode == OracleOpcode.ExitIf))
                return -1;
        }

        return -1;
    }

    private async KernelTask Perform(int thread, OracleInstruction instruction)
    {
        int result = 0;
        switch (instruction.Opcode)
        {
            case OracleOpcode.Load:
                result = await _variables.ReadOnce(instruction.Target);
                break;
            case OracleOpcode.Store:
                await _variables.WriteOnce(instruction.Target, instruction.Value);
                break;
            case OracleOpcode.StoreRegister:
                await _variables.WriteOnce(
                    instruction.Target,
                    _registers[thread][instruction.Register] + instruction.Value);
                return;
            case OracleOpcode.Add:
                result = await _variables.FetchAdd(instruction.Target, instruction.Value);
                break;
            case OracleOpcode.Cas:
                result = await _variables.CompareExchange(instruction.Target, instruction.Expected, instruction.Value)
                    ? 1
                    : 0;
                break;
            case OracleOpcode.Lock:
                await Acquire(instruction.Target);
                break;
            case OracleOpcode.Unlock:
                await Release(instruction.Target);
                break;
            case OracleOpcode.TryLock:
                result = await TryAcquire(instruction.Target) ? 1 : 0;
                break;
            case OracleOpcode.Await:
                await _variables.Await(instruction.Target, instruction.Value);
                break;
            default:
                throw new InvalidOperationException($"{instruction.Opcode} is no step");
        }

        if (instruction.Register >= 0)
            _registers[thread][instruction.Register] = result;
    }

    private async KernelTask Acquire(int number)
    {
        if (usesSpinLocks)
        {
            await _spinLocks[number].Acquire();
            return;
        }

        await _locks.Await(number, 0);
        _locks[number] = 1; // Still in the step that saw 0.
    }

    private async KernelTask Release(int number)
    {
        if (usesSpinLocks)
            await _spinLocks[number].Release();
        else
            await _locks.WriteOnce(number, 0);
    }

    private async KernelTask<bool> TryAcquire(int number)
        => usesSpinLocks ? await _spinLocks[number].TryAcquire() : await _locks.CompareExchange(number, 0, 1);

    // The registers of a finished thread do not make different states.
    private void Forget(int thread)
    {
        for (int i = 0; i < _registers[thread].Length; i++)
            _registers[thread][i] = 0;
    }
}
