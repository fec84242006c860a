using Kmaplab.Scheduler.Exploration;
using Kmaplab.Scheduler.Scenarios;

namespace Kmaplab.Stress.Selfcheck;

/// <summary>The little programs: some of which it is known whether anything is wrong, and others at random.</summary>
internal static class LittlePrograms
{
    private const int HardlyEver = 4;

    private static readonly ScenarioEntry s_entry = new(
        new ScenarioAttribute("little-program", "each task follows its part of a little program")
        {
            Uses = SizeParts.Script,
            Pages = 1,
        },
        typeof(LittleProgram<>));

    /// <summary>
    /// Programs with a look that another task's section does not want, each with whether something can be seen.
    /// </summary>
    internal static IReadOnlyList<(string Text, bool IsWrong)> Known { get; } =
    [
        ("L0 G0 W1 g0 U0 | W0 p0", true), // A peek into a section.
        ("L0 G0 W1 g0 U0 | q0", true),
        ("L0 G0 g0 W1 U0 | W0 p0", false), // Set and reset within one step.
        ("L0 S0 W1 Z0 U0 | W0 E0", true), // A word that nothing guards.
        ("L0 S0 W1 Z0 U0 | e0", true),
        ("L0 S0 W1 Z0 U0 | L0 E0 U0", false),
        ("L0 S0 W1 Z0 U0 | L1 E0 U1", true), // Under another lock.
        ("L0 S0 W1 Z0 U0 | L1 W1 U1 E0", true),
        ("L0 L1 S0 U1 W1 Z0 U0 | L1 E0 U1", true), // Under one of two.
        ("L0 S0 I0 W1 Z0 U0 | W0 E0", true),
        ("L0 F0 S0 W1 Z0 U0 | C0 L0 E0 U0", false),
        ("L0 L1 U1 U0 | L1 L0 U0 U1", true), // A deadlock.
        ("L0 L1 U1 U0 | L0 L1 U1 U0", false),
        ("D0 | W0", true), // Two objects, one function.
        ("L0 U0 D0 | L0 W0 U0", true),
        ("D0 | W1", false),
        ("2 x H0 Y0", true), // Only the last of two tasks minds, although they were declared alike.
        ("2 x H1 Y1", true),
        ("2 x L0 H0 U0 Y0", true),
        ("3 x H0 F0 Y0", true),
        ("2 x M0 y0", true), // A task's number in a word that does not say so.
        ("3 x M0 L0 U0 y0", true),
        ("2 x I0 M0", false), // As many ends as without fusion: an inner section is over when its lock is released.
        ("2 x Y0 Y1", false),
        ("3 x F0 L0 F1 U0", false),
    ];

    internal static Experiment ExperimentOf(string text) =>
        new(s_entry, Variant: null, s_entry.Parameters.Settle(new SizeRequest { Script = text }));

    /// <summary>Program number so many of the family that the seed names.</summary>
    internal static string Draw(ulong seed, int number)
    {
        var random = new Pcg32(seed, (uint)number | (1UL << 40));
        return random.Next(3) == 0
            ? $"{2 + random.Next(2)} x {DrawAlike(ref random)}"
            : $"{DrawTask(ref random)} | {DrawTask(ref random)}";
    }

    private static string DrawAlike(ref Pcg32 random)
    {
        var acts = new List<string>();
        for (int left = 2 + random.Next(3); left > 0; left--)
        {
            if (random.Next(3) == 0)
                acts.Add(DrawSection(ref random, "FRGgHW"));
            else
                acts.Add(DrawAct(ref random, "HHYYMyFRCTIDO"));
        }

        return string.Join(' ', acts);
    }

    private static string DrawTask(ref Pcg32 random)
    {
        var acts = new List<string>();
        for (int left = 1 + random.Next(3); left > 0; left--)
        {
            if (random.Next(2) == 0)
                acts.Add(DrawSection(ref random, "SSZAPWRFXIGgQE"));
            else if (random.Next(HardlyEver) == 0)
                acts.Add(DrawAct(ref random, "ASZEepU")); // In a program without mistakes, only under a lock.
            else
                acts.Add(
                    random.Next(6) == 0 ? $"J0 {DrawAct(ref random, "FRCW")} V0" : DrawAct(ref random, "RWFXTIKOCQPqD")
                );
        }

        return string.Join(' ', acts);
    }

    /// <summary>A lock section, in which mostly what goes with the lock is accessed.</summary>
    private static string DrawSection(ref Pcg32 random, string kinds)
    {
        int spinLock = random.Next(2);
        var acts = new List<string> { $"L{spinLock}" };
        for (int left = 1 + random.Next(3); left > 0; left--)
        {
            char kind = kinds[random.Next(kinds.Length)];
            int which = kind is 'G' or 'g' || random.Next(HardlyEver) != 0 ? spinLock : random.Next(2);
            acts.Add($"{kind}{which}");
        }

        acts.Add($"U{spinLock}");
        return string.Join(' ', acts);
    }

    private static string DrawAct(ref Pcg32 random, string kinds) =>
        $"{kinds[random.Next(kinds.Length)]}{random.Next(2)}";
}
