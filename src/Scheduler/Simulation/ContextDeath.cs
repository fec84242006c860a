using System.Runtime.ExceptionServices;
using Kmaplab.Scheduler.Coroutines;
using Kmaplab.Scheduler.Detection;
using Kmaplab.Scheduler.Kernel;

namespace Kmaplab.Scheduler.Simulation;

/// <summary>
/// What ends a context before its time, and what that means: a finding, or a mistake of whoever wrote the scenario.
/// </summary>
internal static class ContextDeath
{
    /// <summary>Reports the exception that a context has ended with, or throws it again with its place.</summary>
    internal static void Report(Machine machine, int context, Exception exception)
    {
        string name = machine.NameOf(context);
        switch (exception)
        {
            case UsageException:
                throw new UsageException($"{name} calls {exception.Message}");
            case OutOfMemoryException:
                ExceptionDispatchInfo.Throw(exception); // Not the kernel's memory: this process's.
                break;
            case KernelBugException:
                break; // Reported where it happened, with the call chain.
            case KernelLivelockException:
                machine.Report(FailureClass.Livelock, $"{exception.Message}, in {name}");
                break;
            case KernelMisuseException:
                throw InContext(machine, context, exception);
            case FileNotFoundException or FileLoadException or BadImageFormatException or TypeLoadException or MissingMemberException:
                throw InContext(
                    machine,
                    context,
                    new KernelMisuseException($"it needs what is not there: {Finding.FirstLineOf(exception.Message)}"));
            case ArgumentOutOfRangeException or IndexOutOfRangeException or ArithmeticException or NullReferenceException:
                machine.Report(
                    FailureClass.BugOn,
                    $"Oops in {name}: {exception.Message}{ChainOf(machine, context, exception)}");
                break;
            default:
                machine.Report(
                    FailureClass.BugOn,
                    $"{exception.GetType().Name} in {name}: {exception.Message}{ChainOf(machine, context, exception)}");
                break;
        }
    }

    /// <summary>A check of the kernel's own has failed: the running context dies where it stands.</summary>
    internal static KernelBugException Bug(Machine machine, string code)
    {
        machine.Observer?.OnBug(machine.CurrentContext, code);
        machine.Report(
            FailureClass.BugOn,
            $"kernel BUG at {code} in {machine.NameOf(machine.CurrentContext)}\n  in {machine.RunningChain()}");
        return new KernelBugException(code);
    }

    /// <summary>An access of an address that nothing is ever mapped at: the context dies where it stands.</summary>
    internal static KernelBugException PageFault(Machine machine, VirtualAddress address, PageFrame intended)
    {
        string code = $"page_fault:{address}";
        machine.Observer?.OnBug(machine.CurrentContext, code);
        machine.Report(
            FailureClass.UseAfterUnmap,
            $"{machine.NameOf(machine.CurrentContext)} uses {address} for page {intended.Number}, "
            + $"which is not mapped there: page fault\n  in {machine.RunningChain()}");
        return new KernelBugException(code);
    }

    /// <summary>An operation was announced, and the running context goes on as if it had been awaited.</summary>
    internal static KernelMisuseException NotAwaited(Machine machine, string next)
    {
        int context = machine.CurrentContext;
        string where = machine.RunningChain() is { Length: > 0 } chain ? $" (in {chain})" : "";
        return new KernelMisuseException(
            $"{machine.NameOf(context)} ({machine.NameAtSpawn(context)}) {next} without having awaited the "
            + $"{machine.Tasks.Operation(context)} before it{where}: await every step at once, "
            + "and let a task's body be an async method");
    }

    /// <summary>The running context has come back without a new operation.</summary>
    internal static KernelMisuseException AwaitedAgain(Machine machine)
    {
        int context = machine.CurrentContext;
        return new KernelMisuseException(
            $"{machine.NameOf(context)} ({machine.NameAtSpawn(context)}) awaits a step a second time "
            + $"(in {string.Join(" <- ", machine.CallChain(context))}): await each step where it is made, and only once");
    }

    // Whoever has written the module looks for its class and method.
    private static KernelMisuseException InContext(Machine machine, int context, Exception misuse)
    {
        if (misuse.Message.StartsWith(machine.NameOf(context), StringComparison.Ordinal))
            return new KernelMisuseException(misuse.Message);

        string where = KernelCallChain.MethodOf(misuse) is { } method ? $", in {method}" : "";
        return new KernelMisuseException(
            $"{machine.NameOf(context)} ({machine.NameAtSpawn(context)}){where}: {misuse.Message}");
    }

    private static string ChainOf(Machine machine, int context, Exception exception) =>
        KernelCallChain.OfException(exception, machine.NameAtSpawn(context)) is { Count: > 0 } chain
            ? $"\n  in {string.Join(" <- ", chain)}"
            : "";
}
