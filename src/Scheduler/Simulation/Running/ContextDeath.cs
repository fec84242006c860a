using System.Runtime.ExceptionServices;
using Kmaplab.Scheduler.Coroutines;
using Kmaplab.Scheduler.Detection;
using Kmaplab.Scheduler.Kernel;
using Kmaplab.Scheduler.Simulation.Hardware;

namespace Kmaplab.Scheduler.Simulation.Running;

/// <summary>
/// What ends a context before its time, and what that means: a finding, or a mistake of whoever wrote the scenario.
/// </summary>
internal static class ContextDeath
{
    /// <summary>A context in more calls than this is in an endless recursion.</summary>
    internal const int CallsMax = 10_000;

    /// <summary>Reports the exception that a context has ended with, or throws it again with its place.</summary>
    internal static void Report(IContextReports reports, int context, Exception exception)
    {
        string name = reports.NameOf(context);
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
                reports.Report(FailureClass.Livelock, $"{exception.Message}, in {name}");
                break;
            case KernelMisuseException:
                throw InContext(reports, context, exception);
            case FileNotFoundException or FileLoadException or BadImageFormatException:
            case TypeLoadException or MissingMemberException:
                throw InContext(
                    reports,
                    context,
                    new KernelMisuseException($"it needs what is not there: {Finding.FirstLineOf(exception.Message)}"));
            case ArgumentOutOfRangeException or IndexOutOfRangeException:
            case ArithmeticException or NullReferenceException:
                reports.Report(
                    FailureClass.BugOn,
                    $"Oops in {name}: {exception.Message}{ChainOf(reports, context, exception)}");
                break;
            default:
                reports.Report(
                    FailureClass.BugOn,
                    $"{exception.GetType().Name} in {name}: {exception.Message}{ChainOf(reports, context, exception)}");
                break;
        }
    }

    /// <summary>A check of the kernel's own has failed: the running context dies where it stands.</summary>
    internal static KernelBugException Bug(ContextRunner runner, string code)
    {
        runner.Observer?.OnBug(runner.Current, code);
        runner.Reports.Report(
            FailureClass.BugOn,
            $"kernel BUG at {code} in {runner.Reports.NameOf(runner.Current)}\n  in {runner.Reports.RunningChain()}");
        return new KernelBugException(code);
    }

    /// <summary>An access of an address that nothing is ever mapped at: the context dies where it stands.</summary>
    internal static KernelBugException PageFault(ContextRunner runner, VirtualAddress address, PageFrame intended)
    {
        string code = $"page_fault:{address}";
        runner.Observer?.OnBug(runner.Current, code);
        runner.Reports.Report(
            FailureClass.UseAfterUnmap,
            $"{runner.Reports.NameOf(runner.Current)} uses {address} for page {intended.Number}, "
            + $"which is not mapped there: page fault\n  in {runner.Reports.RunningChain()}");
        return new KernelBugException(code);
    }

    /// <summary>An operation was announced, and the running context goes on as if it had been awaited.</summary>
    internal static KernelMisuseException NotAwaited(ContextRunner runner, string next)
    {
        int context = runner.Current;
        string where = runner.Reports.RunningChain() is { Length: > 0 } chain ? $" (in {chain})" : "";
        return new KernelMisuseException(
            $"{runner.Reports.NameOf(context)} ({runner.Reports.NameAtSpawn(context)}) {next} without having awaited "
            + "the "
            + $"{runner.Tasks.Operation(context)} before it{where}: await every step at once, "
            + "and let a task's body be an async method");
    }

    /// <summary>The running context has come back without a new operation.</summary>
    internal static KernelMisuseException AwaitedAgain(ContextRunner runner)
    {
        int context = runner.Current;
        return new KernelMisuseException(
            $"{runner.Reports.NameOf(context)} ({runner.Reports.NameAtSpawn(context)}) awaits a step a second time "
            + $"(in {runner.Reports.PlaceOf(context)}): await each step where it is made, and only once");
    }

    /// <summary>A context is in more calls than a recursion that ends makes.</summary>
    internal static KernelMisuseException TooDeep(IContextReports reports, int context, string function) =>
        new($"{reports.NameOf(context)} ({reports.NameAtSpawn(context)}): more than {CallsMax} calls within one "
            + $"another, of {function}() in the end, each of which has made a step: its functions call each other "
            + "without end; bound the recursion (a kernel's own stack has 4 or 8 KiB)");

    // Whoever has written the module looks for its class and method.
    private static KernelMisuseException InContext(IContextReports reports, int context, Exception misuse)
    {
        if (misuse.Message.StartsWith(reports.NameOf(context), StringComparison.Ordinal))
            return new KernelMisuseException(misuse.Message);

        string where = KernelCallChain.MethodOf(misuse) is { } method ? $", in {method}" : "";
        return new KernelMisuseException(
            $"{reports.NameOf(context)} ({reports.NameAtSpawn(context)}){where}: {misuse.Message}");
    }

    private static string ChainOf(IContextReports reports, int context, Exception exception) =>
        KernelCallChain.OfException(exception, reports.NameAtSpawn(context)) is { Count: > 0 } chain
            ? $"\n  in {string.Join(" <- ", chain)}"
            : "";
}
