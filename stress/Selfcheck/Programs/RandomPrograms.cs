using Kmaplab.Scheduler.Exploration;

namespace Kmaplab.Stress.Selfcheck.Programs;

/// <summary>
/// Draws programs of the oracle's language: what two or three threads do with two variables and two locks.
/// </summary>
internal static class RandomPrograms
{
    private const int InterleavingsMax = 4_000; // What brute force runs in a moment.

    /// <summary>Program number so many of the family that the seed names, as text.</summary>
    internal static string Draw(ulong seed, int number)
    {
        var random = new Pcg32(seed, (ulong)number);
        for (; ; )
        {
            string text = DrawText(ref random);
            if (BruteForce.CountInterleavings(ProgramText.Parse(text)) <= InterleavingsMax)
                return text;
        }
    }

    private static string DrawText(ref Pcg32 random)
    {
        string[] threads = new string[2 + random.Next(2)];
        for (int i = 0; i < threads.Length; i++)
            threads[i] = DrawThread(ref random);

        string start = random.Next(3) == 0 ? "x=1: " : "";
        return $"{start}{string.Join(" | ", threads)}";
    }

    private static string DrawThread(ref Pcg32 random)
    {
        var instructions = new List<string>();
        string? written = null;
        for (int left = 1 + random.Next(4); left > 0; left--)
        {
            string instruction = DrawInstruction(ref random, ref written);
            instructions.Add(instruction);
            if (written is not null && random.Next(5) == 0)
                instructions.Add($"{(random.Next(2) == 0 ? "exit-if" : "exit-unless")} {written} {random.Next(2)}");

            // Most locks are released again, so that not everything is a deadlock.
            if (instruction.StartsWith("lock ", StringComparison.Ordinal) && random.Next(4) != 0)
                instructions.Add($"add {"xy"[random.Next(2)]} 1 {written ??= "a"}; un{instruction}");
        }

        return string.Join("; ", instructions);
    }

    private static string DrawInstruction(ref Pcg32 random, ref string? written)
    {
        char variable = "xy"[random.Next(2)];
        char spinLock = "mn"[random.Next(2)];
        string register = random.Next(2) == 0 ? "a" : "b";
        int kind = random.Next(10);
        if (kind == 1 && written is not null)
            return $"store {variable} {written}+{random.Next(2)}";

        if (kind is 0 or 3 or 4 or 7)
            written = register;

        return kind switch
        {
            0 => $"load {variable} {register}",
            1 or 2 => $"store {variable} {random.Next(3)}",
            3 => $"add {variable} {1 + random.Next(2)} {register}",
            4 => $"cas {variable} {random.Next(2)} {random.Next(3)} {register}",
            5 => $"lock {spinLock}",
            6 => $"unlock {spinLock}",
            7 => $"trylock {spinLock} {register}",
            8 => $"await {variable} {random.Next(3)}",
            _ => $"store {variable} {random.Next(2)}",
        };
    }
}
