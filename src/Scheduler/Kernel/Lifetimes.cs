using Kmaplab.Scheduler.Detection;

namespace Kmaplab.Scheduler.Kernel;

/// <summary>Which of a number of objects are allocated, told by the code that allocates, uses and frees them.</summary>
/// <remarks>
/// For objects that a scenario keeps in kernel memory of its own: descriptors, requests, structures on a stack that may
/// be gone. Using one that is not allocated, freeing it twice and giving it out twice are
/// <see cref="FailureClass.UseAfterFree"/>. No member is a scheduling point, so a check costs no states.
/// </remarks>
public readonly struct Lifetimes<TKernel>
    where TKernel : struct, IKernel
{
    private readonly TKernel _kernel;
    private readonly SharedArray<TKernel> _isAllocated;
    private readonly string _name;

    private Lifetimes(TKernel kernel, string name, SharedArray<TKernel> isAllocated)
    {
        _kernel = kernel;
        _name = name;
        _isAllocated = isAllocated;
    }

    /// <summary>
    /// Lays out the account of <paramref name="count"/> objects while the machine boots; none of them is allocated.
    /// </summary>
    public static Lifetimes<TKernel> Create(
        IKernelBoot<TKernel> boot,
        string name,
        int count,
        IndexSort index = IndexSort.None)
    {
        ArgumentNullException.ThrowIfNull(boot);
        return new Lifetimes<TKernel>(
            boot.Kernel,
            name,
            SharedArray<TKernel>.Create(
                boot,
                $"{name} allocated",
                count,
                Protection.None,
                index: index,
                role: RegionRole.Bookkeeping));
    }

    /// <summary>Whether an object is allocated now; for checks from outside.</summary>
    public bool IsAllocated(int number) => _isAllocated.Peek(number) != 0;

    /// <summary>An object is given out.</summary>
    public void Allocate(int number)
    {
        if (_isAllocated[number] != 0)
            Fail($"{_name} {number} is given out, and is allocated already");

        _isAllocated[number] = 1;
    }

    /// <summary>An object is about to be used.</summary>
    public void Use(int number)
    {
        if (_isAllocated[number] == 0)
            Fail($"{_name} {number} is used, and is not allocated");
    }

    /// <summary>An object is given back.</summary>
    public void Free(int number)
    {
        if (_isAllocated[number] == 0)
            Fail($"{_name} {number} is freed, and is not allocated");

        _isAllocated[number] = 0;
    }

    private void Fail(string what) => _kernel.Fail(FailureClass.UseAfterFree, what);
}
