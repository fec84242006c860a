using Kmaplab.Scheduler.Coroutines;
using Kmaplab.Scheduler.Detection;
using Kmaplab.Scheduler.Kernel;
using Kmaplab.Scheduler.Scenarios;

namespace OwnSubsystem;

/// <summary>
/// Tasks that take two nodes each and put them back: the same scenario for a stack that is right and one that is not.
/// </summary>
[Parameter("nodes", Default = 3, Min = 2, Max = 8, Summary = "Nodes on the stack")]
public abstract class StackScenario<TKernel> : Scenario<TKernel>
    where TKernel : struct, IKernel
{
    private LockFreeStack<TKernel> _stack = null!;
    private int _nodes;

    /// <summary>Whether the head counts its changes.</summary>
    protected abstract bool HasTag { get; }

    /// <inheritdoc/>
    public override int Pages(ScenarioSize size) => 0;

    /// <inheritdoc/>
    public override void Boot(IKernelBoot<TKernel> boot, ScenarioSize size)
    {
        _nodes = size.Parameters.Int("nodes");
        _stack = new LockFreeStack<TKernel>(boot, _nodes, HasTag).Fill();
        for (int task = 0; task < size.Tasks; task++)
            boot.Spawn("worker", Worker);

        boot.AtEnd(FindLostNode);
    }

    private async KernelTask Worker()
    {
        int first = await _stack.Pop();
        int second = await _stack.Pop();
        if (first != LockFreeStack<TKernel>.None)
            await _stack.Push(first);

        if (second != LockFreeStack<TKernel>.None)
            await _stack.Push(second);
    }

    private Finding? FindLostNode()
    {
        int count = _stack.Count();
        return count == _nodes
            ? null
            : new Finding(FailureClass.Assertion, $"{count} of {_nodes} nodes are on the stack at the end");
    }
}

/// <summary>The stack as it should be.</summary>
[Scenario("stack", "tasks pop two nodes each of a lock-free stack, and push them", Uses = SizeParts.Tasks)]
public sealed class Stack<TKernel> : StackScenario<TKernel>
    where TKernel : struct, IKernel
{
    /// <inheritdoc/>
    protected override bool HasTag => true;
}

/// <summary>The stack without its tag, and what that leads to.</summary>
[Scenario("stack-aba", "the same without a tag in the head", Uses = SizeParts.Tasks)]
[Race(
    "stack-aba-reuse",
    FailureClass.Assertion,
    MayShow = [FailureClass.UseAfterFree],
    Scenario = "stack-aba",
    Set = ["nodes=3"],
    Story = """
        Task 0 reads that node 0 is on top and node 1 below it, and is held up. Task 1 pops both and pushes node 0 back.
        The head
        is what task 0 has read, so its compare-and-exchange succeeds, and makes node 1 the head, which task 1 has. What
        task 1 pushes
        then is linked into a list that it is part of already.
        """,
    Fix = "Count the changes of the head in the head itself, or let nobody reuse a node that somebody may still look "
        + "at.",
    Reference = "IBM System/370 Principles of Operation, 1983, appendix A, on CDS")]
public sealed class StackAba<TKernel> : StackScenario<TKernel>
    where TKernel : struct, IKernel
{
    /// <inheritdoc/>
    protected override bool HasTag => false;
}
