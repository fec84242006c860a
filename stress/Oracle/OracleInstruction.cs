namespace Kmaplab.Stress.Oracle;

/// <summary>What an instruction does.</summary>
public enum OracleOpcode
{
    /// <summary>Register = variable.</summary>
    Load,

    /// <summary>Variable = value.</summary>
    Store,

    /// <summary>Variable = register + value.</summary>
    StoreRegister,

    /// <summary>Register = variable, then variable += value, in one step.</summary>
    Add,

    /// <summary>In one step: if variable == expected, variable = value and register = 1, else register = 0.</summary>
    Cas,

    /// <summary>Takes a lock; not enabled while anybody holds it.</summary>
    Lock,

    /// <summary>Releases a lock.</summary>
    Unlock,

    /// <summary>Takes a lock and register = 1, or register = 0 while anybody holds it.</summary>
    TryLock,

    /// <summary>Not enabled until variable == value.</summary>
    Await,

    /// <summary>Ends the thread if register == value; local, not a step.</summary>
    ExitIf,

    /// <summary>Ends the thread if register != value; local, not a step.</summary>
    ExitUnless,
}

/// <summary>One instruction, with every name resolved.</summary>
/// <param name="Opcode">What it does.</param>
/// <param name="Target">Index of its variable or lock, -1 for the exits.</param>
/// <param name="Register">Index of its register within the thread, -1 where it has none.</param>
/// <param name="Value">What is stored, added, awaited or compared with, 0 where it has none.</param>
/// <param name="Expected">What a cas expects, 0 elsewhere.</param>
public readonly record struct OracleInstruction(
    OracleOpcode Opcode, int Target, int Register, int Value, int Expected)
{
    /// <summary>Whether performing it is a step of an execution.</summary>
    public bool IsStep => Opcode is not (OracleOpcode.ExitIf or OracleOpcode.ExitUnless);

    /// <summary>Whether the target is a lock rather than a variable.</summary>
    public bool OnLock => Opcode is OracleOpcode.Lock or OracleOpcode.Unlock or OracleOpcode.TryLock;
}
