using System.Threading;
using Kmaplab.Scheduler.Detection;
using Kmaplab.Scheduler.Scenarios;
using Kmaplab.Scheduler.Settings;

namespace Kmaplab.Scheduler.Minimization;

/// <summary>
/// Looks for smaller sizes of an experiment at which the same class of failure still is: each of its numbers is
/// lowered, and each word of its texts left out, as long as that is so.
/// </summary>
/// <remarks>
/// Each size is searched from scratch, for the fewest preemptions, within a part of the limits; a size is kept only if
/// the failure was found there with no more preemptions than before.
/// </remarks>
public sealed class SmallerSizes(FailureClass failure, MinimizerOptions options)
{
    private const int SearchesMax = 60;
    private const int ShareOfLimits = 4;

    private int _searches;

    /// <summary>
    /// The smallest experiment that was found, with its smallest schedule; null if the given one cannot be made
    /// smaller.
    /// </summary>
    public (Experiment Experiment, Failing Failing)? Find(
        Experiment experiment, int preemptionsMax, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(experiment);
        (Experiment Experiment, Failing Failing)? best = null;
        bool isSmaller = true;
        while (isSmaller)
        {
            isSmaller = false;
            foreach (Parameters smaller in SmallerThan((best?.Experiment ?? experiment)))
            {
                Experiment candidate = experiment with { Parameters = smaller };
                if (Search(candidate, best?.Failing.Preemptions ?? preemptionsMax, cancellation) is not { } failing)
                    continue;

                best = (candidate, failing);
                isSmaller = true;
                break;
            }
        }

        return best;
    }

    private Failing? Search(Experiment experiment, int preemptionsMax, CancellationToken cancellation)
    {
        if (_searches++ >= SearchesMax)
            return null;

        MinimizerOptions share = options with { StatesMax = options.StatesMax / ShareOfLimits };
        try
        {
            Failing? found = new LeastSchedule(experiment.Boot(), failure, share).Find(cancellation);
            return found is not null && found.Preemptions <= preemptionsMax ? found : null;
        }
        catch (UsageException)
        {
            return null; // Too small for this scenario.
        }
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
        TextParameter => WithoutOneWord(value),
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

    private static IEnumerable<string> WithoutOneWord(string text)
    {
        string[] words = text.Split(' ');
        for (int left = 0; left < words.Length; left++)
        {
            if (words[left].Length > 0 && char.IsLetter(words[left][0]))
                yield return string.Join(' ', words.Where((_, i) => i != left));
        }
    }
}
