using System.Runtime.CompilerServices;
using Kmaplab.Scheduler.Coroutines;
using Kmaplab.Scheduler.Kernel;
using Kmaplab.Scheduler.Simulation.Operations;

namespace Kmaplab.Scheduler.Simulation;

/// <content>Finding the machine, and stopping in front of an operation there, unless it may happen at once.</content>
public readonly partial struct SimulatedKernel
{
    private ContextRunner Running
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => _slot?.Only ?? MachinePool.CurrentRunner;
    }

    private int PlaceOf(VirtualAddress address, PageFrame intended)
    {
        Machine machine = Running.Machine;
        int place = machine.Mmu.PlaceOf(address);
        if (place < 0)
            throw ContextDeath.PageFault(machine, address, intended);

        return place;
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
        if (runner.FusesVisible())
            return Fused(runner, operation);

        runner.Announce(operation);
        return KernelStep.Parked;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private KernelStep<int> ParkForInt(Operation operation)
    {
        ContextRunner runner = Running;
        if (runner.FusesVisible())
            return KernelStep<int>.Done((int)runner.PerformFused(operation));

        runner.Announce(operation);
        return KernelStep<int>.Parked;
    }

    private KernelStep<bool> ParkForBool(Operation operation)
    {
        ContextRunner runner = Running;
        if (runner.FusesVisible())
            return KernelStep<bool>.Done(runner.PerformFused(operation) != 0);

        runner.Announce(operation);
        return KernelStep<bool>.Parked;
    }

    private static KernelStep Fused(ContextRunner runner, Operation operation)
    {
        runner.PerformFused(operation);
        return KernelStep.Done;
    }
}
