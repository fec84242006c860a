using Kmaplab.Scheduler.Coroutines;
using Kmaplab.Scheduler.Detection;
using Kmaplab.Scheduler.Kernel;
using Kmaplab.Scheduler.Simulation;
using Kmaplab.Scheduler.Simulation.Running;
using Kmaplab.Scheduler.Tests.Machines;

namespace Kmaplab.Scheduler.Tests.Verification.Symmetry;

/// <summary>Three tasks that are declared alike; whether they are is what each does.</summary>
[KernelObject]
internal sealed class LikeTasks
{
    private SimulatedKernel _kernel;
    private SharedArray<SimulatedKernel> _flag;
    private Shared<SimulatedKernel> _word;

    internal MachineImage Boot(Func<LikeTasks, Func<KernelTask>> body) => SmallMachine.Boot(3, boot =>
    {
        _kernel = boot.Kernel;
        _flag = SharedArray<SimulatedKernel>.Create(boot, "flag", 3, guard: -1, index: IndexSort.Task);
        _word = Shared<SimulatedKernel>.Create(boot, "word", guard: -1, role: RegionRole.Bookkeeping);
        boot.DeclareInterchangeable(0, 3, 0, 0);
        for (int task = 0; task < 3; task++)
            boot.Spawn("test", body(this));
    });

    /// <summary>Counts in a place of its own.</summary>
    internal async KernelTask Count()
    {
        for (int i = 1; i <= 3; i++)
        {
            await _flag.WriteOnce(_kernel.CurrentTask.Number, i);
            await _word.FetchAdd(1);
        }
    }

    /// <summary>Writes its number where a renaming does not find it.</summary>
    internal async KernelTask Sign()
    {
        await _flag.WriteOnce(_kernel.CurrentTask.Number, 1);
        _word.Value = _kernel.CurrentTask.Number + 7;
        await _word.ReadOnce();
    }

    /// <summary>The last one may not come first.</summary>
    internal async KernelTask Mind()
    {
        int before = await _word.FetchAdd(1);
        if (before == 0 && _kernel.CurrentTask.Number == 2)
            _kernel.Fail(FailureClass.Assertion, "task 2 came first");
    }
}
