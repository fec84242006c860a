using Kmaplab.Scheduler.Coroutines;
using Kmaplab.Scheduler.Kernel;

namespace Kmaplab.Stress.Oracle;

/// <summary>Numbers in a row in kernel memory, first in, first out.</summary>
/// <remarks>
/// Whoever puts or takes does so in the step that writes its length, so that all who use it are seen to touch the same
/// word.
/// </remarks>
internal readonly struct OracleQueue<TKernel>
    where TKernel : struct, IKernel
{
    private readonly SharedArray<TKernel> _words; // The length, and then the numbers.

    private OracleQueue(SharedArray<TKernel> words) => _words = words;

    /// <summary>How many numbers are in it.</summary>
    internal int Count => _words[0];

    internal static OracleQueue<TKernel> Create(IKernelBoot<TKernel> boot, string name, int capacity) =>
        new(Words(boot, name, capacity + 1));

    /// <summary>Words of the language's own, of which the kernel knows nothing.</summary>
    internal static SharedArray<TKernel> Words(IKernelBoot<TKernel> boot, string name, int length) =>
        SharedArray<TKernel>.Create(boot, name, length, guard: -1, role: RegionRole.Bookkeeping);

    /// <summary>The step in front of a change.</summary>
    internal KernelStep<int> Touch() => _words.FetchAdd(0, 0);

    internal async KernelTask Put(int number)
    {
        int length = await _words.FetchAdd(0, 1);
        _words[1 + length] = number;
    }

    internal async KernelTask PutWhenNotFull(int number)
    {
        int length = await _words.AwaitAdd(0, Comparison.Less, _words.Length - 1, 1);
        _words[1 + length] = number;
    }

    internal async KernelTask<int> TakeWhenNotEmpty()
    {
        await _words.AwaitAdd(0, Comparison.Greater, 0, 0);
        return TakeFirst();
    }

    /// <summary>Takes the first one out, in a step that has touched it.</summary>
    internal int TakeFirst()
    {
        int first = _words[1];
        int length = --_words[0];
        for (int i = 1; i <= length; i++)
            _words[i] = _words[i + 1];

        _words[1 + length] = 0; // What has gone makes no different states.
        return first;
    }
}
