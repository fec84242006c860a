using System.Threading;

namespace Kmaplab.Scheduler.Threads.Tasks;

/// <summary>Little pauses at random, so that threads meet in more ways than they would by themselves.</summary>
internal static class Jitter
{
    private const int SpinsMask = 0x1FF;
    private const int LongSpinsMask = 0x1FFF;
    private const int YieldsMask = 7;
    private const int RoundsMask = 15;

    /// <summary>
    /// Whether a task whose rounds are any number ends after this one: much goes wrong only when others have ended.
    /// </summary>
    internal static bool EndsNow(ref TaskRecord record) => (record.NextRandom() & RoundsMask) == 0;

    /// <summary>Waits a little, or not.</summary>
    internal static void Disturb(ref TaskRecord record)
    {
        ulong random = record.NextRandom();
        int length = (int)(random >> 32);

        // Most primitives are left alone, or no two threads would ever be far apart.
        switch (random & 31)
        {
            case 0 or 1 or 2 or 3:
                Thread.SpinWait(length & SpinsMask);
                break;
            case 4 or 5:
                for (int i = length & YieldsMask; i >= 0; i--)
                    Thread.Yield();
                break;
            case 6:
                Thread.SpinWait(length & LongSpinsMask); // Long enough for another task to come and go.
                break;
        }
    }
}
