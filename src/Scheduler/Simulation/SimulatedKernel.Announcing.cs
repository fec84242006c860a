using System.Runtime.CompilerServices;
using Kmaplab.Scheduler.Coroutines;
using Kmaplab.Scheduler.Kernel;

namespace Kmaplab.Scheduler.Simulation;

/// <content>Finding the machine, and stopping in front of an operation there, unless it may happen at once.</content>
public readonly partial struct SimulatedKernel
{
    private Machine Running
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => _slot?.Only ?? Machine.Current;
    }

    private int PlaceOf(VirtualAddress address, PageFrame intended)
    {
        int place = Running.Mmu.PlaceOf(address);
        if (place < 0)
            Running.FaultAt(address, intended);

        return place;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private KernelStep ParkAlways(OperationKind kind, int target, int argument = 0)
    {
        Running.Announce(kind, target, argument);
        return KernelStep.Parked;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private KernelStep Park(OperationKind kind, int target, int argument = 0, int second = 0)
    {
        Machine machine = Running;
        if (machine.FusesVisible())
            return Fused(machine, kind, target, argument, second);

        machine.Announce(kind, target, argument, second);
        return KernelStep.Parked;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private KernelStep<int> ParkForInt(OperationKind kind, int target, int argument = 0, int second = 0)
    {
        Machine machine = Running;
        if (machine.FusesVisible())
            return KernelStep<int>.Done((int)machine.ExecuteFused(kind, target, argument, second));

        machine.Announce(kind, target, argument, second);
        return KernelStep<int>.Parked;
    }

    private KernelStep<bool> ParkForBool(OperationKind kind, int target, int argument = 0, int second = 0)
    {
        Machine machine = Running;
        if (machine.FusesVisible())
            return KernelStep<bool>.Done(machine.ExecuteFused(kind, target, argument, second) != 0);

        machine.Announce(kind, target, argument, second);
        return KernelStep<bool>.Parked;
    }

    private static KernelStep Fused(Machine machine, OperationKind kind, int target, int argument = 0, int second = 0)
    {
        machine.ExecuteFused(kind, target, argument, second);
        return KernelStep.Done;
    }
}
