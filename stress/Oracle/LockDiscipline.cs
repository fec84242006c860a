using Kmaplab.Scheduler.Kernel;

namespace Kmaplab.Stress.Oracle;

/// <summary>Whether a program uses its locks as the kernel must: only who holds a lock releases it.</summary>
/// <remarks>
/// A release may run on with the step before it because nobody but the holder can be about to release, so nothing is
/// lost by releasing at once. Where a thread releases what another holds, or what is free, executions are lost.
/// </remarks>
internal static class LockDiscipline
{
    /// <summary>
    /// True only if every unlock is surely the holder's; a trylock counts if the thread ends unless it succeeded.
    /// </summary>
    internal static bool IsKept(OracleProgram program) =>
        program.Conditions.IsEmpty && program.Threads.All(thread => IsStraight(thread) && IsKept(thread));

    private static bool IsStraight(OracleThread thread) => thread.Instructions.All(instruction =>
        instruction.Opcode != OracleOpcode.Branch || instruction.Destination == thread.Instructions.Length);

    private static bool IsKept(OracleThread thread)
    {
        var held = new HashSet<int>();
        for (int at = 0; at < thread.Instructions.Length; at++)
        {
            OracleInstruction instruction = thread.Instructions[at];
            if (instruction.Opcode == OracleOpcode.Unlock && !held.Remove(instruction.Target))
                return false;

            bool isTaken = instruction.Opcode == OracleOpcode.TryLock && EndsUnlessTaken(thread, at);
            if (isTaken || instruction.Opcode == OracleOpcode.Lock)
                held.Add(instruction.Target);
        }

        return true;
    }

    private static bool EndsUnlessTaken(OracleThread thread, int at)
    {
        if (at + 1 == thread.Instructions.Length)
            return false;

        OracleInstruction next = thread.Instructions[at + 1];
        var (taken, free) = (OracleValue.Of(1), OracleValue.Of(0));
        bool isExit = next.Opcode == OracleOpcode.Branch
            && ((next.Comparison == Comparison.NotEqual && next.Value == taken)
                || (next.Comparison == Comparison.Equal && next.Value == free));
        return isExit && next.Register == thread.Instructions[at].Register;
    }
}
