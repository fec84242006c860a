using System.Runtime.CompilerServices;
using Kmaplab.Scheduler.Coroutines;
using Kmaplab.Scheduler.Simulation.Operations;

namespace Kmaplab.Scheduler.Simulation.Running;

/// <content>Finding the machine, and stopping in front of an operation there, unless it may happen at once.</content>
public readonly partial struct SimulatedKernel
{
    private ContextRunner Running
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => _slot?.Meant ?? MachinePool.CurrentRunner;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private KernelStep ParkAlways(Operation operation)
    {
        Running.Announce(operation);
        return KernelStep.Parked;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private KernelStep Park(Operation operation)
    {
        ContextRunner runner = Running;
        if (!runner.Fusion.FusesVisible())
        {
            runner.Announce(operation);
            return KernelStep.Parked;
        }

        runner.Fused.Perform(operation);
        return KernelStep.Done;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private KernelStep<int> ParkForInt(Operation operation)
    {
        ContextRunner runner = Running;
        if (runner.Fusion.FusesVisible())
            return KernelStep<int>.Done((int)runner.Fused.Perform(operation));

        runner.Announce(operation);
        return KernelStep<int>.Parked;
    }

    private KernelStep<bool> ParkForBool(Operation operation)
    {
        ContextRunner runner = Running;
        if (runner.Fusion.FusesVisible())
            return KernelStep<bool>.Done(runner.Fused.Perform(operation) != 0);

        runner.Announce(operation);
        return KernelStep<bool>.Parked;
    }
}
