using Kmaplab.Scheduler.Kernel;
using Kmaplab.Scheduler.Simulation.Operations;

namespace Kmaplab.Stress.Conformance.Replay;

/// <summary>Notes what a machine's memory does not show: counters, who was woken, which check failed.</summary>
internal sealed class ReplayObserver : IMachineObserver
{
    private readonly int[] _counts = new int[Enum.GetValues<KernelEvent>().Length];

    /// <summary>Tasks woken since <see cref="Clear"/>, in order.</summary>
    public List<int> Woken { get; } = [];

    /// <summary>The check that failed since <see cref="Clear"/>.</summary>
    public string? Bug { get; private set; }

    /// <summary>The page table entry whose translation was flushed last; null before the first time.</summary>
    public VirtualPage? LastFlushed { get; private set; }

    /// <summary>How often something has happened since the machine was made.</summary>
    public int Count(KernelEvent what) => _counts[(int)what];

    /// <summary>Starts a new step; the counters go on.</summary>
    public void Clear()
    {
        Woken.Clear();
        Bug = null;
    }

    public void OnOperation(int context, in PerformedOperation operation)
    {
    }

    public void OnWoken(int task, bool slept) => Woken.Add(task);

    public void OnCount(KernelEvent what) => _counts[(int)what]++;

    public void OnTlbFlushOne(VirtualPage page) => LastFlushed = page;

    public void OnBug(int context, string code) => Bug = code;

    public void OnOperationDone(int context)
    {
    }
}
