using Kmaplab.Scheduler.Kernel;

namespace Kmaplab.Stress.Oracle;

/// <summary>What an instruction does. Those from <see cref="Branch"/> on are local: no steps.</summary>
public enum OracleOpcode
{
    /// <summary>Register = variable.</summary>
    Load,

    /// <summary>Variable = value.</summary>
    Store,

    /// <summary>Register = variable, then variable += value, in one step.</summary>
    Add,

    /// <summary>Register = variable, then variable = value, in one step.</summary>
    Exchange,

    /// <summary>In one step: if variable == expected, variable = value and register = 1, else register = 0.</summary>
    Cas,

    /// <summary>Not enabled until the variable compares with the value.</summary>
    Await,

    /// <summary>Not enabled until the variable compares with the value; then adds to it.</summary>
    AwaitAdd,

    /// <summary>Takes a lock; not enabled while anybody holds it.</summary>
    Lock,

    /// <summary>Releases a lock.</summary>
    Unlock,

    /// <summary>Takes a lock and register = 1, or register = 0 while anybody holds it.</summary>
    TryLock,

    /// <summary>Joins those who wait for a condition, as the last.</summary>
    Join,

    /// <summary>Not enabled until the thread has been woken.</summary>
    Woken,

    /// <summary>Wakes the first of those who wait for a condition, if there is one.</summary>
    Signal,

    /// <summary>Wakes all who wait for a condition.</summary>
    Broadcast,

    /// <summary>Puts a value into a channel, as the last; not enabled while it is full.</summary>
    Send,

    /// <summary>Register = the first value of a channel, which leaves it; not enabled while it is empty.</summary>
    Receive,

    /// <summary>Register = any of 0 to value - 1, each a step of its own.</summary>
    Choose,

    /// <summary>Goes elsewhere, or ends the thread, if the register compares with the value.</summary>
    Branch,

    /// <summary>Register = a calculation with two values.</summary>
    Compute,

    /// <summary>Fails unless the register compares with the value.</summary>
    Assert,
}

/// <summary>A number, or what a register holds and a number to it.</summary>
/// <param name="Register">Index of the register within the thread, -1 for none.</param>
/// <param name="Plus">The number.</param>
public readonly record struct OracleValue(int Register, int Plus)
{
    /// <summary>A number.</summary>
    public static OracleValue Of(int number) => new(-1, number);
}

/// <summary>One instruction, with every name resolved.</summary>
/// <param name="Opcode">What it does.</param>
public readonly record struct OracleInstruction(OracleOpcode Opcode)
{
    /// <summary>Index of its variable, lock, condition or channel; of an array the first of its variables.</summary>
    public int Target { get; init; }

    /// <summary>The place in the array.</summary>
    public OracleValue Index { get; init; } = OracleValue.Of(0);

    /// <summary>The length of the array; 1 for a variable.</summary>
    public int Length { get; init; } = 1;

    /// <summary>Index of its register within the thread, -1 where it has none.</summary>
    public int Register { get; init; } = -1;

    /// <summary>What is stored, added, awaited, compared with, sent or calculated with.</summary>
    public OracleValue Value { get; init; } = OracleValue.Of(0);

    /// <summary>What a cas expects, the left side of a calculation, and what is added after a wait.</summary>
    public OracleValue Other { get; init; } = OracleValue.Of(0);

    /// <summary>How something is compared with the value.</summary>
    public Comparison Comparison { get; init; }

    /// <summary>How two values make a third.</summary>
    public OracleOperator Operator { get; init; }

    /// <summary>Where a branch goes: an index of the thread's code, which is its length for the end.</summary>
    public int Destination { get; init; }

    /// <summary>Its place in the file's thread, from 0.</summary>
    public int Number { get; init; }

    /// <summary>Whether performing it is a step of an execution.</summary>
    public bool IsStep => Opcode < OracleOpcode.Branch;

    /// <summary>Whether the target is a lock.</summary>
    public bool OnLock => Opcode is OracleOpcode.Lock or OracleOpcode.Unlock or OracleOpcode.TryLock;

    /// <summary>Whether the target is a variable.</summary>
    public bool OnVariable => Opcode <= OracleOpcode.AwaitAdd;

    /// <summary>Whether it can fail: the place in the array may be none, or what must hold does not.</summary>
    public bool CanFail => Opcode == OracleOpcode.Assert || (OnVariable && Index.Register >= 0)
        || (Opcode == OracleOpcode.Compute && Operator is OracleOperator.Divide or OracleOperator.Remainder);
}
