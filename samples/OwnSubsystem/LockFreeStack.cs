using Kmaplab.Scheduler.Coroutines;
using Kmaplab.Scheduler.Kernel;

namespace OwnSubsystem;

/// <summary>
/// A stack of nodes that tasks push and pop without a lock (R. K. Treiber, "Systems Programming: Coping with
/// Parallelism", IBM RJ 5118, 1986): the head is replaced by compare-and-exchange. With <paramref name="hasTag"/> the
/// head also counts its changes, so that a head that has come back is not taken for one that never left.
/// </summary>
[KernelObject]
public sealed class LockFreeStack<TKernel>(IKernelBoot<TKernel> boot, int nodes, bool hasTag)
    where TKernel : struct, IKernel
{
    /// <summary>No node: what pop yields when the stack is empty.</summary>
    public const int None = -1;

    private const int NodeBits = 8;
    private const int NodeMask = (1 << NodeBits) - 1;

    // Everything that tasks share is kernel memory. Nothing guards these words, so each access is marked: ReadOnce,
    // WriteOnce, ...
    private readonly Shared<TKernel> _head = Shared<TKernel>.Create(boot, "head", Protection.Marked);
    private readonly SharedArray<TKernel> _next = SharedArray<TKernel>.Create(
        boot, "next", nodes, Protection.Marked, WordSort.Record);

    // An account, not a part of the stack: a node belongs to whoever has popped it.
    private readonly Lifetimes<TKernel> _popped = Lifetimes<TKernel>.Create(boot, "node", nodes);

    /// <summary>Puts all nodes on the stack, while the machine boots: node 0 comes to lie on top.</summary>
    public LockFreeStack<TKernel> Fill()
    {
        for (int node = 0; node < nodes; node++)
            _next.Poke(node, node + 1 == nodes ? 0 : node + 2); // A link is a node's number + 1; 0 is the end.

        _head.Poke(1);
        return this;
    }

    /// <summary>Takes the node on top; <see cref="None"/> if there is none.</summary>
    public async KernelTask<int> Pop()
    {
        while (true)
        {
            int head = await _head.ReadOnce();
            int node = (head & NodeMask) - 1;
            if (node < 0)
                return None;

            int next = await _next.ReadOnce(node);
            if (await _head.CompareExchange(head, NewHead(next, head)))
            {
                _popped.Allocate(node); // Reports a node that two have got. No step of its own.
                return node;
            }
        }
    }

    /// <summary>Puts a node back on top.</summary>
    public async KernelTask Push(int node)
    {
        _popped.Free(node);
        while (true)
        {
            int head = await _head.ReadOnce();
            await _next.WriteOnce(node, head & NodeMask);
            if (await _head.CompareExchange(head, NewHead(node + 1, head)))
                return;
        }
    }

    /// <summary>The nodes on the stack; for checks from outside. More than there are: the list has a loop.</summary>
    public int Count()
    {
        int count = 0;
        for (int link = _head.Peek & NodeMask; link != 0 && count <= nodes; link = _next.Peek(link - 1))
            count++;

        return count;
    }

    private int NewHead(int link, int oldHead) => hasTag ? (((oldHead >> NodeBits) + 1) << NodeBits) | link : link;
}
