using System.Threading;

namespace Kmaplab.Stress.Speeds;

/// <summary>
/// The searches, and who has been measured at each. One run of each search by each contestant, and all again, so that
/// what else the machine does meanwhile spoils no one more than others.
/// </summary>
internal sealed class SpeedTable
{
    private readonly List<(SearchSpeed Search, Contestant[] Contestants)> _rows = [];
    private readonly Dictionary<(SearchSpeed, Contestant), List<double>> _measured = [];

    /// <summary>A search, and who makes it.</summary>
    internal void Add(SearchSpeed search, params Contestant[] contestants) => _rows.Add((search, contestants));

    /// <summary>What was measured, row by row.</summary>
    internal IEnumerable<SpeedRow> Rows => _rows.Select(row => new SpeedRow(
        row.Search,
        [.. row.Contestants.Select(each => new SpeedCell(each.Name, Runs(row.Search, each)))]));

    /// <summary>Measures each so many times.</summary>
    internal void Run(int runs, Action<string> progress, CancellationToken cancellation)
    {
        for (int run = 1; run <= runs; run++)
        {
            foreach ((SearchSpeed search, Contestant[] contestants) in _rows)
            {
                foreach (Contestant contestant in contestants)
                {
                    progress($"{search.Name}: {contestant.Name}, {run} of {runs}");
                    if (contestant.Measure(search, cancellation) is { } speed)
                        Add(search, contestant, speed);
                }
            }
        }
    }

    private void Add(SearchSpeed search, Contestant contestant, double speed)
    {
        if (!_measured.TryGetValue((search, contestant), out List<double>? speeds))
            _measured.Add((search, contestant), speeds = []);

        speeds.Add(speed);
    }

    private double[] Runs(SearchSpeed search, Contestant contestant) =>
        _measured.TryGetValue((search, contestant), out List<double>? speeds) ? [.. speeds] : [];
}
