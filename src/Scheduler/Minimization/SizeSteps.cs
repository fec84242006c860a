using Kmaplab.Scheduler.Scenarios;
using Kmaplab.Scheduler.Settings;

namespace Kmaplab.Scheduler.Minimization;

/// <summary>The sizes that are tried instead of those of an experiment.</summary>
internal static class SizeSteps
{
    private const int NumbersFromBelow = 4; // Of a parameter.

    /// <summary>The combinations of small numbers, the smallest first.</summary>
    internal static IEnumerable<Parameters> FromBelow(Experiment experiment)
    {
        List<(Parameters Parameters, int Rank)> all = [(experiment.Parameters, 0)];
        foreach (Parameter parameter in experiment.Scenario.Parameters.Taken)
        {
            string value = experiment.Parameters.Text(parameter.Name);
            string[] values = [.. ValuesUpTo(parameter, value)];
            all = [.. all.SelectMany(some => values.Select((one, rank) =>
                (some.Parameters.With(parameter.Name, one), some.Rank + rank)))];
        }

        return all.OrderBy(some => some.Rank).Select(some => some.Parameters).SkipLast(1);
    }

    private static IEnumerable<string> ValuesUpTo(Parameter parameter, string value)
    {
        if (parameter is not NumberParameter number || parameter.Name == SizeParameters.Cpus)
            return [value];

        int from = Math.Max(number.Min, 1);
        int given = number.NumberOf(value);
        IEnumerable<int> numbers = given < from
            ? [from, from + 1] // A word: for ever, or any number.
            : Enumerable.Range(0, NumbersFromBelow)
                .Select(more => number.PowerOfTwo ? from << more : from + more)
                .TakeWhile(one => one < given);
        return [.. numbers.Select(number.Keep), value];
    }

    /// <summary>Those that are one step smaller: one number lower, or one word less.</summary>
    internal static IEnumerable<Parameters> SmallerThan(Experiment experiment)
    {
        foreach (Parameter parameter in experiment.Scenario.Parameters.Taken)
        {
            string value = experiment.Parameters.Text(parameter.Name);
            foreach (string smaller in SmallerThan(parameter, value))
                yield return experiment.Parameters.With(parameter.Name, smaller);
        }
    }

    private static IEnumerable<string> SmallerThan(Parameter parameter, string value) => parameter switch
    {
        // How many CPUs there are, and 0 for one per task, is no size to be lowered: it is another machine.
        { Name: SizeParameters.Cpus } => [],
        NumberParameter number => NumbersBelow(number, number.NumberOf(value)).Select(number.Keep),
        TextParameter => WithoutPart(value).Concat(WithoutOneWord(value)),
        _ => [],
    };

    private static IEnumerable<int> NumbersBelow(NumberParameter parameter, int number)
    {
        int from = Math.Max(parameter.Min, 1);
        if (number < from)
            return [from, from + 1]; // A word: for ever, or any number.

        int less = parameter.PowerOfTwo ? number / 2 : number - 1;
        return less < from ? [] : less == from ? [from] : [from, less];
    }

    // A text may have parts with something between them, as the tasks of a script have.
    private static IEnumerable<string> WithoutPart(string text)
    {
        string[] words = text.Split(' ');
        for (int between = words.Length - 1; between > 0; between--)
        {
            string word = words[between];
            if (word.Length == 0 || char.IsLetterOrDigit(word[0]))
                continue;

            int next = Array.IndexOf(words, word, between + 1);
            yield return string.Join(' ', next < 0 ? words[..between] : [.. words[..between], .. words[next..]]);

            if (Array.IndexOf(words, word) == between)
                yield return string.Join(' ', words[(between + 1)..]);
        }
    }

    private static IEnumerable<string> WithoutOneWord(string text)
    {
        string[] words = text.Split(' ');
        for (int left = words.Length - 1; left >= 0; left--) // What comes first leads there, so it is left out last.
        {
            if (words[left].Length > 0 && char.IsLetter(words[left][0]))
                yield return string.Join(' ', words.Where((_, i) => i != left));
        }
    }
}
