using System.Runtime.InteropServices;
using System.Threading;

namespace Kmaplab.Scheduler.Threads.Tasks;

/// <summary>How a thread sleeps until a word of its own has become 0, and how others end that.</summary>
internal unsafe interface IParking
{
    /// <summary>
    /// Sleeps while <paramref name="word"/> is <paramref name="value"/>, unless it no longer is; may return early.
    /// True if the thread really slept.
    /// </summary>
    bool Park(int* word, int value);

    /// <summary>Wakes the thread that sleeps by this word, whatever the word is.</summary>
    void Unpark(int* word);
}

/// <summary>The futex of Linux, by the system call itself: the C library has no function for it.</summary>
internal sealed unsafe partial class FutexParking : IParking
{
    private const int WaitPrivate = 0 | 128; // FUTEX_WAIT | FUTEX_PRIVATE_FLAG
    private const int WakePrivate = 1 | 128;

    private static readonly nint s_number = RuntimeInformation.ProcessArchitecture switch
    {
        Architecture.X64 => 202,
        Architecture.Arm64 => 98,
        _ => -1,
    };

    /// <summary>Whether this system has it.</summary>
    internal static bool IsSupported => OperatingSystem.IsLinux() && s_number >= 0;

    /// <inheritdoc/>
    public bool Park(int* word, int value) => Syscall(s_number, word, WaitPrivate, value, null, null, 0) == 0;

    /// <inheritdoc/>
    public void Unpark(int* word) => _ = Syscall(s_number, word, WakePrivate, 1, null, null, 0);

    [LibraryImport("libc", EntryPoint = "syscall")]
    private static partial nint Syscall(
        nint number, int* word, nint operation, nint value, void* timeout, int* second, nint third);
}

/// <summary>An event of the runtime's for each word, where there is no futex.</summary>
internal sealed unsafe class EventParking : IParking
{
    private readonly Dictionary<nint, ManualResetEventSlim> _events = [];

    /// <summary>Makes the event of a word; before any thread runs.</summary>
    internal void Add(int* word) => _events[(nint)word] = new ManualResetEventSlim(initialState: false, spinCount: 0);

    /// <inheritdoc/>
    public bool Park(int* word, int value)
    {
        ManualResetEventSlim wake = _events[(nint)word];
        wake.Reset();
        Interlocked.MemoryBarrier(); // Who unparks has changed the word first, so one of the two is seen.
        if (Volatile.Read(ref *word) != value)
            return false;

        wake.Wait();
        return true;
    }

    /// <inheritdoc/>
    public void Unpark(int* word) => _events[(nint)word].Set();
}
