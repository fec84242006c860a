using System.Threading;
using Kmaplab.Scheduler.Detection;
using Kmaplab.Scheduler.Exploration;
using Kmaplab.Scheduler.Exploration.Strategies;
using Kmaplab.Scheduler.Scenarios;
using Kmaplab.Scheduler.Settings;
using Kmaplab.Scheduler.Simulation;

namespace Kmaplab.Scheduler.Minimization;

/// <summary>
/// Looks for smaller sizes of an experiment at which the same class of failure still is: the smallest numbers first,
/// then each of its numbers is lowered, and each word of its texts left out, as long as that is so.
/// </summary>
/// <remarks>
/// Each size is searched from scratch, for the fewest preemptions, within a part of the limits; a size is kept only if
/// the failure was found there with no more preemptions than before. What a variant does wrong must not get lost on the
/// way: a size at which the port itself fails like that is no smaller form of it, as a script that no longer unmaps is
/// none of a leak. And what fails in some orders of steps only stays so: one task that wants two slots of one is no
/// smaller form of two that keep them from each other.
/// </remarks>
public sealed class SmallerSizes(FailureClass failure, MinimizerOptions options)
{
    private const int SearchesMax = 160;
    private const int SearchesFromBelow = 100;
    private const int NumbersFromBelow = 4; // Of a parameter.
    private const int ShareOfLimits = 4; // For one search; all together have the limits once.
    private const int ExecutionsToCompare = 64;

    private int _searches;
    private int _statesLeft = options.StatesMax;

    /// <summary>
    /// The smallest experiment that was found, with its smallest schedule; null if the given one cannot be made
    /// smaller.
    /// </summary>
    public (Experiment Experiment, Failing Failing)? Find(
        Experiment experiment, int preemptionsMax, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(experiment);
        (Experiment Experiment, Failing Failing)? best = null;
        bool isRace = CountFailing(experiment) < ExecutionsToCompare;
        KeepFirst(FromBelow(experiment).Take(SearchesFromBelow));
        while (KeepFirst(SmallerThan(best?.Experiment ?? experiment)))
        {
        }

        return best;

        bool KeepFirst(IEnumerable<Parameters> candidates)
        {
            foreach (Parameters smaller in candidates)
            {
                Experiment candidate = experiment with { Parameters = smaller };
                if (Search(candidate, best?.Failing.Preemptions ?? preemptionsMax, cancellation) is { } failing
                    && !IsSomethingElse(candidate, isRace))
                {
                    best = (candidate, failing);
                    return true;
                }
            }

            return false;
        }
    }

    /// <summary>The combinations of small numbers, the smallest first.</summary>
    private static IEnumerable<Parameters> FromBelow(Experiment experiment)
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

    private Failing? Search(Experiment experiment, int preemptionsMax, CancellationToken cancellation)
    {
        if (_searches++ >= SearchesMax)
            return null;

        MinimizerOptions share = options with
        {
            StatesMax = Math.Min(_statesLeft, options.StatesMax / ShareOfLimits),
        };
        try
        {
            var search = new LeastSchedule(experiment.Boot(), failure, share);
            Failing? found = search.Find(cancellation);
            _statesLeft = Math.Max(0, _statesLeft - search.Visited);
            return found is not null && found.Preemptions <= preemptionsMax ? found : null;
        }
        catch (UsageException)
        {
            return null; // Too small for this scenario.
        }
    }

    private bool IsSomethingElse(Experiment smaller, bool isRace) =>
        (isRace && CountFailing(smaller) == ExecutionsToCompare)
        || (smaller.Variant is not null && CountFailing(smaller with { Variant = null }) > 0);

    private int CountFailing(Experiment experiment)
    {
        var execution = new Execution(new Machine(experiment.Boot()), options.StepsMax);
        var strategy = new RandomWalkStrategy(options.Seed);
        int failing = 0;
        for (int number = 1; number <= ExecutionsToCompare; number++)
        {
            execution.Run(strategy, number);
            failing += execution.Finding?.Class == failure ? 1 : 0;
        }

        return failing;
    }

    private static IEnumerable<Parameters> SmallerThan(Experiment experiment)
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
