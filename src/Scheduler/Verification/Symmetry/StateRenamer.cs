using Kmaplab.Scheduler.Kernel;
using Kmaplab.Scheduler.Simulation;
using Kmaplab.Scheduler.Simulation.Memory;

namespace Kmaplab.Scheduler.Verification.Symmetry;

/// <summary>Rewrites kernel memory as if tasks, with their CPUs, and page frames had other numbers.</summary>
/// <remarks>
/// First the words move to where their new task or frame has them; then the numbers in them change. One thread, one
/// object.
/// </remarks>
internal sealed class StateRenamer
{
    private readonly MachineImage _image;
    private readonly int[] _old;
    private readonly int[] _contextWords; // Words that hold a context's number + 1.
    private readonly int[] _frameWords; // Words that hold a frame's number + 1.
    private readonly bool[] _canMove; // Whether any renaming so far moves a word.

    internal StateRenamer(MachineImage image)
    {
        _image = image;
        _old = new int[image.StackBase];
        _canMove = new bool[image.StackBase];
        _contextWords = WordsOf(WordSort.Context);
        _frameWords = WordsOf(WordSort.Frame);
    }

    /// <summary>Words that hold a context's number + 1.</summary>
    internal ReadOnlySpan<int> ContextWords => _contextWords;

    /// <summary>Words that hold a frame's number + 1.</summary>
    internal ReadOnlySpan<int> FrameWords => _frameWords;

    /// <summary>Renames in place; <paramref name="moves"/> are those of the same renaming.</summary>
    internal void Rename(int[] memory, ReadOnlySpan<int> tasks, ReadOnlySpan<int> pages, int[] moves)
    {
        int[] old = _old;
        memory.AsSpan(0, old.Length).CopyTo(old);
        for (int i = 0; i + 1 < moves.Length; i += 2)
            memory[moves[i + 1]] = old[moves[i]];

        foreach (int word in _contextWords)
        {
            if (memory[word] != 0)
                memory[word] = tasks[memory[word] - 1] + 1;
        }

        foreach (int word in _frameWords)
        {
            if ((uint)(memory[word] - 1) < (uint)pages.Length)
                memory[word] = pages[memory[word] - 1] + 1;
        }

        foreach (int queue in _image.QueueAddresses)
        {
            for (int i = 1; i <= memory[queue]; i++)
                memory[queue + i] = WaitQueueTable.Renamed(memory[queue + i], tasks);
        }

        TaskTable.RenameArguments(memory, tasks.Length, pages);
        TaskTable.RenameTargets(memory, tasks.Length, moves, _canMove);
    }

    /// <summary>
    /// Where each word is after a renaming. The words by which a task and its CPU name each other stay what they are,
    /// and belong to whoever has their row.
    /// </summary>
    internal int[] PlacesAfter(ReadOnlySpan<int> tasks, int[] moves)
    {
        int[] places = [.. Enumerable.Range(0, _old.Length)];
        for (int i = 0; i < moves.Length; i += 2)
            places[moves[i]] = moves[i + 1];

        for (int context = 0; context < tasks.Length; context++)
        {
            places[TaskTable.CpuAddress(context)] = TaskTable.CpuAddress(tasks[context]);
            if (context < _image.Cpus)
                places[CpuTable.CurrentAddress(_image.CpuBase, context)] =
                    CpuTable.CurrentAddress(_image.CpuBase, tasks[context]);
        }

        return places;
    }

    private int[] WordsOf(WordSort sort) =>
    [
        .. _image.Regions.Where(region => region.Sort == sort && region.Start < _image.StackBase)
            .SelectMany(region => Enumerable.Range(region.Start, region.Length)),
    ];

    /// <summary>The words that a renaming moves: from, to, from, to ...</summary>
    internal int[] MovesFor(ReadOnlySpan<int> tasks, ReadOnlySpan<int> pages)
    {
        var moves = new List<int>();
        for (int context = 0; context < tasks.Length; context++)
        {
            TaskTable.AddMoves(moves, context, tasks[context]);
            CpuTable.AddMoves(moves, _image.CpuBase, context, tasks[context]);
        }

        foreach (MemoryRegion region in _image.Regions)
        {
            if (region.Index == IndexSort.Frame)
                AddColumns(moves, region.Start, region.Start, pages);
            else if (region.Index != IndexSort.None)
                AddRows(moves, region, tasks, pages);
        }

        foreach (int[] words in _image.Hints.MovingWithFrames)
        {
            for (int page = 0; page < words.Length; page++)
                Add(moves, words[page], words[pages[page]]);
        }

        for (int i = 0; i < moves.Count; i += 2)
            _canMove[moves[i]] = true;

        return [.. moves];
    }

    private static void AddRows(List<int> moves, MemoryRegion region, ReadOnlySpan<int> tasks, ReadOnlySpan<int> pages)
    {
        int row = region.Length / tasks.Length;
        for (int task = 0; task < tasks.Length; task++)
        {
            int from = region.Start + (task * row);
            int to = region.Start + (tasks[task] * row);
            if (region.Index == IndexSort.TaskAndFrame)
            {
                AddColumns(moves, from, to, pages);
                continue;
            }

            for (int i = 0; i < row; i++)
                Add(moves, from + i, to + i);
        }
    }

    private static void AddColumns(List<int> moves, int from, int to, ReadOnlySpan<int> pages)
    {
        for (int page = 0; page < pages.Length; page++)
            Add(moves, from + page, to + pages[page]);
    }

    private static void Add(List<int> moves, int from, int to)
    {
        if (from == to)
            return;

        moves.Add(from);
        moves.Add(to);
    }
}
