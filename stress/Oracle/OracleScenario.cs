using Kmaplab.Scheduler.Coroutines;
using Kmaplab.Scheduler.Kernel;
using Kmaplab.Scheduler.Scenarios;

namespace Kmaplab.Stress.Oracle;

/// <summary>A small program as tasks: each thread is a coroutine that interprets its instructions.</summary>
/// <remarks>
/// Registers live in kernel memory and are cleared when the thread ends, so that a state is what the format says: the
/// instruction and the registers of each unfinished thread, the variables and the locks. The exact counts take a variable that
/// was written, and a lock that was taken, for different from one that never was, also when its value is the same again.
/// </remarks>
internal sealed class OracleScenario<TKernel>(OracleProgram program) : Scenario<TKernel>
    where TKernel : struct, IKernel
{
    private const int Abandoned = Scheduler.Simulation.Transition.MaxContexts + 1; // The owner of a lock whose owner has ended.

    private readonly SharedArray<TKernel>[] _registers = new SharedArray<TKernel>[program.Threads.Length];
    private readonly SpinLock<TKernel>[] _locks = new SpinLock<TKernel>[program.Locks.Length];
    private SharedArray<TKernel> _variables;
    private SharedArray<TKernel> _touched; // 1 for a variable that was written, and for a lock that was taken.
    private TKernel _kernel;

    public override int Tasks(ScenarioSize size) => program.Threads.Length;

    public override void Boot(IKernelBoot<TKernel> boot, ScenarioSize size)
    {
        _kernel = boot.Kernel;
        _variables = SharedArray<TKernel>.Create(boot, "variables", program.Variables.Length, Protection.Marked);
        _touched = SharedArray<TKernel>.Create(boot, "touched", program.Variables.Length + program.Locks.Length, guard: -1, role: RegionRole.Bookkeeping);
        for (int i = 0; i < program.Initial.Length; i++)
        {
            _variables[i] = program.Initial[i];
            _touched[i] = program.Initial[i] == 0 ? 0 : 1;
        }

        for (int i = 0; i < _locks.Length; i++)
            _locks[i] = SpinLock<TKernel>.Create(boot, program.Locks[i]);

        for (int i = 0; i < program.Threads.Length; i++)
        {
            int thread = i;
            _registers[i] = SharedArray<TKernel>.Create(boot, $"registers of thread {i}", program.Threads[i].Registers.Length, guard: -1, role: RegionRole.Private);
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
                await _variables.WriteOnce(instruction.Target, _registers[thread][instruction.Register] + instruction.Value);
                _touched[instruction.Target] = 1;
                return;
            case OracleOpcode.Add:
                result = await _variables.FetchAdd(instruction.Target, instruction.Value);
                break;
            case OracleOpcode.Cas:
                result = await _variables.CompareExchange(instruction.Target, instruction.Expected, instruction.Value) ? 1 : 0;
                break;
            case OracleOpcode.Lock:
                await _locks[instruction.Target].Acquire();
                break;
            case OracleOpcode.Unlock:
                await _locks[instruction.Target].Release();
                break;
            case OracleOpcode.TryLock:
                result = await _locks[instruction.Target].TryAcquire() ? 1 : 0;
                break;
            case OracleOpcode.Await:
                await _variables.Await(instruction.Target, instruction.Value);
                break;
            default:
                throw new InvalidOperationException($"{instruction.Opcode} is no step");
        }

        if (instruction.Register >= 0)
            _registers[thread][instruction.Register] = result;

        if (Touches(instruction.Opcode, result))
            _touched[(instruction.OnLock ? program.Variables.Length : 0) + instruction.Target] = 1;
    }

    private static bool Touches(OracleOpcode opcode, int result) => opcode switch
    {
        OracleOpcode.Store or OracleOpcode.Add or OracleOpcode.Lock => true,
        OracleOpcode.Cas or OracleOpcode.TryLock => result == 1,
        _ => false,
    };

    // Neither a finished thread's registers nor who it was that left a lock locked make different states.
    private void Forget(int thread)
    {
        for (int i = 0; i < _registers[thread].Length; i++)
            _registers[thread][i] = 0;

        foreach (SpinLock<TKernel> spinLock in _locks)
        {
            ref int owner = ref _kernel.Word(spinLock.Number);
            if (owner == thread + 1)
                owner = Abandoned;
        }
    }
}
