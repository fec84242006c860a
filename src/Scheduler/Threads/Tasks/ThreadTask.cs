using Kmaplab.Scheduler.Coroutines;

namespace Kmaplab.Scheduler.Threads.Tasks;

/// <summary>task_struct, the CPU that the task has for itself, and what it has done so far.</summary>
internal sealed class ThreadTask(int number, string name, int stateWord, Func<KernelTask> body)
{
    // What the segment register is to a CPU: kernel code has no other way to find the running task.
    [ThreadStatic]
    internal static ThreadTask? t_current;

    /// <summary>Its number from 0, which is its CPU's too.</summary>
    internal int Number { get; } = number;

    /// <summary>What it has been called when it was spawned.</summary>
    internal string Name { get; } = name;

    /// <summary>The address of current->state, by which it sleeps.</summary>
    internal int StateWord { get; } = stateWord;

    /// <summary>What it runs.</summary>
    internal Func<KernelTask> Body { get; } = body;

    /// <summary>What only its own thread writes, far from what others write.</summary>
    internal TaskRecord Record;

    /// <summary>What it waits for now.</summary>
    internal TaskWait Wait { get; } = new();

    /// <summary>When it was last woken, told by whoever woke it.</summary>
    internal long WokenAt;

    /// <summary>Its call chain, told by itself when it was asked while it could not go on.</summary>
    internal IReadOnlyList<string>? Chain;

    /// <summary>Forgets what it has done.</summary>
    internal void Reset(ulong seed)
    {
        Record = default;
        Record.Random = seed + (ulong)Number;
        Record.Random = Record.NextRandom(); // Seeds that lie near each other lead far apart.
        Wait.Reset();
        Chain = null;
    }

    /// <summary>It begins again, in the same run.</summary>
    internal unsafe void BeginAgain()
    {
        Record.HasBegun = false;
        Record.IsWokenInVain = false;
        Record.LoopTurns = 0;
        Record.Released = 0;
        Record.LogNext = Record.LogEnd = null;
        Wait.End();
    }
}
