namespace Kmaplab.Scheduler.Simulation.Memo;

/// <summary>Which share of the latest steps was not found where they are looked up: whether that pays.</summary>
/// <remarks>
/// What is not found takes as long as some twenty steps that are performed, or in cells some hundred. At first nearly
/// all are new, and where few will be soon, fewer are with every hundred thousand; so the longer it was looked, the
/// less may be new.
/// </remarks>
/// <param name="stepsBetweenLooks">Of fewer steps nothing can be told.</param>
/// <param name="limits">
/// How many of a thousand may be new: until so many steps were made, and after those of the last one for ever.
/// </param>
internal sealed class MissShare(int stepsBetweenLooks, params (long Steps, int PerThousand)[] limits)
{
    private long _steps; // Until the last look.
    private long _misses;

    /// <summary>For steps that are recorded when they are not found.</summary>
    internal static MissShare OfRecordedSteps() =>
        new(stepsBetweenLooks: 1 << 16, (1 << 18, 100), (1 << 20, 30), (long.MaxValue, 8));

    /// <summary>For leaves, which are made of recorded steps that nearly all were there before.</summary>
    internal static MissShare OfLeaves() => new(stepsBetweenLooks: 1 << 20, (1 << 21, 20), (long.MaxValue, 4));

    /// <summary>Whether of all steps since the last look, if there were enough, not too many were new.</summary>
    internal bool Pays(long steps, long misses)
    {
        long stepsSince = steps - _steps;
        long missesSince = misses - _misses;
        if (stepsSince < stepsBetweenLooks)
            return true;

        (_steps, _misses) = (steps, misses);
        int limit = 0;
        while (steps >= limits[limit].Steps)
            limit++;

        return missesSince * 1000 <= stepsSince * limits[limit].PerThousand;
    }
}
