using Kmaplab.Scheduler.Detection;
using Kmaplab.Scheduler.Simulation.Hardware;

namespace Kmaplab.Stress.Scenarios;

/// <summary>One word of a script: what to do, and with which page (A is 0) or task.</summary>
/// <param name="Kind">m, u, x or w.</param>
/// <param name="Operand">The page, or for w the task.</param>
internal readonly record struct Instruction(char Kind, int Operand);

/// <summary>Reads scripts: "mA uA xA | mB xB" is two tasks.</summary>
internal static class ScriptReader
{
    internal static Instruction[][] Read(string script)
    {
        string[] tasks = script.Split('|');
        if (tasks.Length > Transition.MaxContexts)
            throw new UsageException(
                $"the script has {tasks.Length} tasks: a machine has at most {Transition.MaxContexts}");

        return [.. tasks.Select((task, number) => ReadTask(task, number, tasks.Length))];
    }

    private static Instruction[] ReadTask(string task, int number, int tasks)
    {
        string[] words = task.Split(' ', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        if (words.Length == 0)
            throw new UsageException(
                $"task {number} of the script does nothing: write something like 'mA uA xA | mB uB xB'");

        Instruction[] program = [.. words.Select(word => ReadWord(word, tasks))];
        var mapped = new HashSet<int>();
        foreach (Instruction instruction in program)
        {
            if (instruction.Kind == 'm')
                mapped.Add(instruction.Operand);
            else if (instruction.Kind is 'u' && !mapped.Contains(instruction.Operand))
                throw new UsageException(
                    $"task {number} of the script uses page {(char)('A' + instruction.Operand)} and never maps it");
        }

        return program;
    }

    private static Instruction ReadWord(string word, int tasks)
    {
        if (word.Length == 2 && word[0] is 'm' or 'u' or 'x' && char.IsAsciiLetterUpper(word[1]))
            return new Instruction(word[0], word[1] - 'A');

        if (word[0] == 'w' && int.TryParse(word.AsSpan(1), out int task) && task >= 0 && task < tasks)
            return new Instruction('w', task);

        throw new UsageException(
            $"'{word}' is no instruction: mA maps page A, uA uses it, xA unmaps it (A to Z), w1 waits until task 1 of "
            + $"0 to {tasks - 1} has ended");
    }
}
