using Kmaplab.Scheduler.Coroutines;
using Kmaplab.Scheduler.Kernel;
using Kmaplab.Scheduler.Simulation;
using Kmaplab.Scheduler.Simulation.Running;

namespace Kmaplab.Scheduler.Tests.Machines;

/// <summary>Two locks, a queue and a flag, and tasks that get stuck with them.</summary>
[KernelObject]
internal sealed class StuckTasks
{
    /// <summary>A lock.</summary>
    public SpinLock<SimulatedKernel> A { get; private set; }

    /// <summary>Another one.</summary>
    public SpinLock<SimulatedKernel> B { get; private set; }

    /// <summary>Who waits for the flag sleeps here.</summary>
    public WaitQueue<SimulatedKernel> Queue { get; private set; }

    /// <summary>What sleepers wait for.</summary>
    public Shared<SimulatedKernel> Flag { get; private set; }

    /// <summary>The kernel of the tasks.</summary>
    public SimulatedKernel Kernel { get; private set; }

    public void Lay(MachineBuilder boot)
    {
        A = SpinLock<SimulatedKernel>.Create(boot, "a");
        B = SpinLock<SimulatedKernel>.Create(boot, "b");
        Queue = WaitQueue<SimulatedKernel>.Create(boot, "queue");
        Flag = Shared<SimulatedKernel>.Create(boot, "flag", guard: -1);
        Kernel = boot.Kernel;
    }

    public async KernelTask TakeBoth()
    {
        await A.Acquire();
        await B.Acquire();
        await B.Release();
        await A.Release();
    }

    public async KernelTask TakeBothTheOtherWay()
    {
        await B.Acquire();
        await A.Acquire();
        await A.Release();
        await B.Release();
    }

    public async KernelTask SleepUntilFlag()
    {
        await Queue.Add();
        while (true)
        {
            await Kernel.SetState(TaskState.Uninterruptible);
            if (await Flag.ReadOnce() != 0)
                break;

            await Kernel.Schedule();
        }

        await Kernel.SetState(TaskState.Running);
        await Queue.Remove();
    }

    public async KernelTask SetWithoutWaking()
    {
        await Queue.AwaitWaiters(1);
        await Flag.WriteOnce(1);
    }
}
