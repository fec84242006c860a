using Kmaplab.Scheduler.Coroutines;
using Kmaplab.Scheduler.Detection;
using Kmaplab.Scheduler.Kernel;
using Kmaplab.Scheduler.Scenarios;

namespace Kmaplab.Stress.Oracle;

/// <summary>A small program as tasks: each thread is a coroutine that interprets its instructions.</summary>
/// <remarks>
/// Whatever a thread has lives where a search sees it: registers in kernel memory, where it stands in a local of its
/// coroutine. Registers are cleared when the thread ends, so that a state is what the format says: the instruction and
/// the registers of each unfinished thread, the variables, and the locks. A lock of the format has no owner, whereas
/// the machine remembers who holds a spin lock and how many a task holds. So a lock is a word, 1 while it is held.
/// Where only answers are wanted, and only holders release, it can be a spin lock, which can be fused.
/// </remarks>
internal class OracleScenario<TKernel>(OracleProgram program, bool usesSpinLocks) : Scenario<TKernel>
    where TKernel : struct, IKernel
{
    private readonly SharedArray<TKernel>[] _registers = new SharedArray<TKernel>[program.Threads.Length];
    private readonly SpinLock<TKernel>[] _spinLocks = new SpinLock<TKernel>[usesSpinLocks ? program.Locks.Length : 0];
    private readonly SharedArray<TKernel>[] _locks = new SharedArray<TKernel>[program.Locks.Length];
    private readonly SharedArray<TKernel>[] _variables = new SharedArray<TKernel>[program.Variables.Length];
    private readonly OracleQueue<TKernel>[] _conditions = new OracleQueue<TKernel>[program.Conditions.Length];
    private readonly OracleQueue<TKernel>[] _channels = new OracleQueue<TKernel>[program.Channels.Length];
    private readonly SharedArray<TKernel>[] _woken = new SharedArray<TKernel>[program.Conditions.Length];
    private TKernel _kernel;

    public override int Tasks(ScenarioSize size) => program.Threads.Length;

    public override void Boot(IKernelBoot<TKernel> boot, ScenarioSize size)
    {
        ArgumentNullException.ThrowIfNull(boot);
        _kernel = boot.Kernel;
        for (int i = 0; i < _variables.Length; i++)
        {
            _variables[i] = SharedArray<TKernel>.Create(boot, program.Variables[i], 1, Protection.Marked);
            _variables[i].Poke(0, program.Initial[i]);
        }

        for (int i = 0; i < _locks.Length; i++)
        {
            if (usesSpinLocks)
                _spinLocks[i] = SpinLock<TKernel>.Create(boot, program.Locks[i]);
            else
                _locks[i] = SharedArray<TKernel>.Create(boot, program.Locks[i], 1, Protection.Marked);
        }

        for (int i = 0; i < _conditions.Length; i++)
        {
            string name = program.Conditions[i];
            _conditions[i] = OracleQueue<TKernel>.Create(boot, name, program.Threads.Length);
            _woken[i] = OracleQueue<TKernel>.Words(boot, $"woken for {name}", program.Threads.Length);
        }

        for (int i = 0; i < _channels.Length; i++)
            _channels[i] = OracleQueue<TKernel>.Create(boot, program.Channels[i], program.Capacities[i]);

        for (int i = 0; i < program.Threads.Length; i++)
        {
            int thread = i;
            int registers = program.Threads[i].Registers.Length;
            _registers[i] = SharedArray<TKernel>.Create(
                boot,
                $"registers of thread {i}",
                registers,
                guard: -1,
                role: RegionRole.Private);
            boot.Spawn($"thread {i}", () => Run(thread));
        }

        if (!program.Finally.IsEmpty)
            boot.AtEnd(CheckEnd);
    }

    /// <summary>What a register holds.</summary>
    protected virtual int Register(int thread, int register) => _registers[thread][register];

    /// <summary>Writes a register.</summary>
    protected virtual void SetRegister(int thread, int register, int value) => _registers[thread][register] = value;

    private async KernelTask Run(int thread)
    {
        // What is local is done at once, so a thread never stands before it.
        for (int at = NextStep(thread, 0); at >= 0; at = NextStep(thread, at + 1))
            await Perform(thread, at);

        // The registers of a finished thread do not make different states.
        for (int i = 0; i < _registers[thread].Length; i++)
            SetRegister(thread, i, 0);
    }

    /// <summary>The next instruction that is a step, or -1 if the thread ends.</summary>
    private int NextStep(int thread, int from)
    {
        OracleThread code = program.Threads[thread];
        int at = from;
        while (at < code.Instructions.Length)
        {
            OracleInstruction instruction = code.Instructions[at];
            if (instruction.IsStep)
                return IsThere(thread, instruction) ? at : -1;

            switch (instruction.Opcode)
            {
                case OracleOpcode.Compute when !Compute(thread, instruction):
                case OracleOpcode.Assert when !Holds(thread, instruction):
                    Fail(thread, instruction);
                    return -1;
                case OracleOpcode.Branch when Holds(thread, instruction):
                    at = instruction.Destination;
                    _kernel.LoopTurn();
                    break;
                default:
                    at++;
                    break;
            }
        }

        return -1;
    }

    private async KernelTask Perform(int thread, int at)
    {
        OracleOpcode opcode = program.Threads[thread].Instructions[at].Opcode;
        if (opcode <= OracleOpcode.AwaitAdd)
            await PerformOnVariable(thread, at);
        else if (opcode <= OracleOpcode.TryLock)
            await PerformOnLock(thread, at);
        else if (opcode == OracleOpcode.Choose)
            Receive(thread, at, await _kernel.Choose(InstructionOf(thread, at).Value.Plus));
        else
            await PerformOnQueue(thread, at);
    }

    private async KernelTask PerformOnVariable(int thread, int at)
    {
        SharedArray<TKernel> variable = Variable(thread, at);
        int value = ValueOf(thread, InstructionOf(thread, at).Value);
        int other = ValueOf(thread, InstructionOf(thread, at).Other);
        Comparison comparison = InstructionOf(thread, at).Comparison;
        switch (InstructionOf(thread, at).Opcode)
        {
            case OracleOpcode.Load:
                Receive(thread, at, await variable.ReadOnce(0));
                break;
            case OracleOpcode.Store:
                await variable.WriteOnce(0, value);
                break;
            case OracleOpcode.Add:
                Receive(thread, at, await variable.FetchAdd(0, value));
                break;
            case OracleOpcode.Exchange:
                Receive(thread, at, await variable.Exchange(0, value));
                break;
            case OracleOpcode.Cas:
                Receive(thread, at, await variable.CompareExchange(0, other, value) ? 1 : 0);
                break;
            case OracleOpcode.Await:
                await variable.AwaitThat(0, comparison, value);
                break;
            default:
                await variable.AwaitAdd(0, comparison, value, other);
                break;
        }
    }

    private async KernelTask PerformOnLock(int thread, int at)
    {
        int number = InstructionOf(thread, at).Target;
        switch (InstructionOf(thread, at).Opcode)
        {
            case OracleOpcode.Lock when usesSpinLocks:
                await _spinLocks[number].Acquire();
                break;
            case OracleOpcode.Lock:
                await _locks[number].AwaitAdd(0, Comparison.Equal, 0, 1);
                break;
            case OracleOpcode.Unlock when usesSpinLocks:
                await _spinLocks[number].Release();
                break;
            case OracleOpcode.Unlock:
                await _locks[number].WriteOnce(0, 0);
                break;
            case OracleOpcode.TryLock when usesSpinLocks:
                Receive(thread, at, await _spinLocks[number].TryAcquire() ? 1 : 0);
                break;
            default:
                Receive(thread, at, await _locks[number].CompareExchange(0, 0, 1) ? 1 : 0);
                break;
        }
    }

    private async KernelTask PerformOnQueue(int thread, int at)
    {
        int number = InstructionOf(thread, at).Target;
        switch (InstructionOf(thread, at).Opcode)
        {
            case OracleOpcode.Join:
                await _conditions[number].Put(thread);
                break;
            case OracleOpcode.Woken:
                await _woken[number].AwaitAdd(thread, Comparison.Equal, 1, -1);
                break;
            case OracleOpcode.Signal:
                await _conditions[number].Touch();
                Wake(number, most: 1);
                break;
            case OracleOpcode.Broadcast:
                await _conditions[number].Touch();
                Wake(number, most: int.MaxValue);
                break;
            case OracleOpcode.Send:
                await _channels[number].PutWhenNotFull(ValueOf(thread, InstructionOf(thread, at).Value));
                break;
            default:
                Receive(thread, at, await _channels[number].TakeWhenNotEmpty());
                break;
        }
    }

    // In the step that has touched the queue.
    private void Wake(int condition, int most)
    {
        for (; most > 0 && _conditions[condition].Count > 0; most--)
            _woken[condition][_conditions[condition].TakeFirst()] = 1;
    }

    private OracleInstruction InstructionOf(int thread, int at) => program.Threads[thread].Instructions[at];

    private SharedArray<TKernel> Variable(int thread, int at)
    {
        OracleInstruction instruction = InstructionOf(thread, at);
        return _variables[instruction.Target + ValueOf(thread, instruction.Index)];
    }

    private int ValueOf(int thread, OracleValue value) =>
        value.Register < 0 ? value.Plus : unchecked(Register(thread, value.Register) + value.Plus);

    // Nobody is interested in some results.
    private void Receive(int thread, int at, int result)
    {
        int register = InstructionOf(thread, at).Register;
        if (register >= 0)
            SetRegister(thread, register, result);
    }

    private bool Holds(int thread, OracleInstruction instruction) =>
        instruction.Register < 0
        || instruction.Comparison.Holds(
            Register(thread, instruction.Register), ValueOf(thread, instruction.Value));

    private bool Compute(int thread, OracleInstruction instruction)
    {
        int? result = instruction.Operator.Apply(
            ValueOf(thread, instruction.Other), ValueOf(thread, instruction.Value));
        if (result is { } number)
            SetRegister(thread, instruction.Register, number);

        return result is not null;
    }

    private bool IsThere(int thread, OracleInstruction instruction)
    {
        if (!instruction.OnVariable || (uint)ValueOf(thread, instruction.Index) < (uint)instruction.Length)
            return true;

        Fail(thread, instruction);
        return false;
    }

    private void Fail(int thread, OracleInstruction instruction)
    {
        string what = instruction.Opcode switch
        {
            OracleOpcode.Assert => $"{program.Threads[thread].Registers[instruction.Register]} is "
                + $"{Register(thread, instruction.Register)} and must be {instruction.Comparison.Sign()} "
                + $"{ValueOf(thread, instruction.Value)}",
            OracleOpcode.Compute => "a division by 0",
            _ => $"no element {ValueOf(thread, instruction.Index)}: there are {instruction.Length}",
        };
        _kernel.Fail(FailureClass.Assertion, $"thread {thread}, instruction {instruction.Number}: {what}");
    }

    private Finding? CheckEnd()
    {
        foreach (OracleEnd end in program.Finally)
        {
            int value = _variables[end.Variable].Peek(0);
            if (!end.Comparison.Holds(value, end.Value))
            {
                return new Finding(
                    FailureClass.Assertion,
                    $"at the end {program.Variables[end.Variable]} is {value} and must be {end.Comparison.Sign()} "
                    + $"{end.Value}");
            }
        }

        return null;
    }
}
