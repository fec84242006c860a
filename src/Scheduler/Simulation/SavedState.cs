using Kmaplab.Scheduler.Coroutines;

namespace Kmaplab.Scheduler.Simulation;

/// <summary>A state of a machine that copies its frames when it resumes them, to go back to.</summary>
internal sealed class SavedState(Machine machine)
{
    private readonly int[] _memory = [.. machine.Memory];
    private readonly Frame?[] _tops =
    [
        .. Enumerable.Range(0, machine.Tasks.Contexts).Select(context => machine.Stack(context).Top),
    ];

    internal void Restore()
    {
        machine.RestoreMemory(_memory);
        for (int context = 0; context < _tops.Length; context++)
            machine.RestoreStack(context, _tops[context]);
    }
}
