using System.Globalization;
using Kmaplab.Scheduler.Detection;
using Kmaplab.Scheduler.Kernel;
using Kmaplab.Scheduler.Scenarios;
using Kmaplab.Scheduler.Simulation.Hardware;
using Kmaplab.Stress.Campaigns.Pieces;
using Kmaplab.Stress.Races;
using Kmaplab.Stress.Reports;
using Kmaplab.Stress.Reports.Printing;

namespace Kmaplab.Stress.Campaigns.Plans;

/// <summary>Makes the pieces of a plan, in an order that depends on the plan only, and refuses what makes no sense.
/// </summary>
internal sealed class PlanExpansion(ScenarioCatalogue catalogue, StrategyCatalogue strategies)
{
    /// <summary>A state file of more is read for minutes.</summary>
    internal const int PiecesMax = 1_000_000;

    private const long StatesUnlessGiven = 20_000_000;
    private const long StatesMax = 2_000_000_000;
    private const double SecondsMin = 0.1;
    private const double SecondsMax = 86_400;
    private const int SeedsMax = 1000;
    private const int FoundExecutionsMax = 10_000_000;

    private readonly List<Piece> _pieces = [];
    private readonly Dictionary<string, string> _places = []; // Of pieces, by their text.

    /// <summary>The pieces.</summary>
    /// <exception cref="UsageException">The plan makes no sense.</exception>
    internal IReadOnlyList<Piece> Expand(PlanFile plan)
    {
        if (string.IsNullOrWhiteSpace(plan.Name) || Finding.FirstLineOf(plan.Name) != plan.Name)
            throw new UsageException("'name' is what people call the plan: some words in one line");

        AddEach(plan.Explore, "explore", Add);
        AddEach(plan.Verify, "verify", (part, place) => Add(part, place, Piece.Verify));
        AddEach(plan.Prove, "prove", AddProof);
        AddEach(plan.Find, "find", Add);
        return _pieces.Count > 0
            ? _pieces
            : throw new UsageException("it has no explore, verify, prove or find, so nothing would be run");
    }

    private static void AddEach<TPart>(TPart[]? parts, string name, Action<TPart, string> add)
    {
        for (int i = 0; i < parts?.Length; i++)
            add(parts[i] ?? throw new UsageException($"{name}[{i}] is null"), $"{name}[{i}]");
    }

    private void Add(SampledPart part, string place)
    {
        string[] names = Strategies(part.Strategies, place);
        IReadOnlyList<ulong> seeds = PlanValues.ReadSeeds(part.Seeds, $"{place}.seeds");
        CheckBudget(part, place);
        var targets = new PlanTargets(catalogue, place, part.Targets, part.Variants, part.Parameters, part.Preempt);
        RequireRoom(place, targets.Count * names.Length * seeds.Count);
        foreach (PlanTarget target in targets.Each(NamedTarget.Resolve))
        {
            int shards = part.Executions is { } executions ? Shards(part, place, target, executions) : 1;
            RequireRoom(place, (Int128)shards * names.Length * seeds.Count);
            foreach (string strategy in names)
            {
                foreach (ulong seed in seeds)
                    AddShards(part, target, strategy, seed, shards);
            }
        }
    }

    private static void CheckBudget(SampledPart part, string place)
    {
        if (part.Executions is null == part.Seconds is null)
        {
            throw new UsageException(
                $"{place} has {(part.Seconds is null ? "neither executions nor" : "executions and")} seconds: give one "
                + "of them");
        }

        if (part.Executions is < 1 or > long.MaxValue / 2)
            throw new UsageException($"{place}.executions is a number from 1, not {part.Executions}");

        if (part.Seconds is { } seconds and not (>= SecondsMin and <= SecondsMax))
            throw new UsageException(string.Create(
                CultureInfo.InvariantCulture,
                $"{place}.seconds is a number from {SecondsMin} to {SecondsMax}, not {seconds}"));

        if (part.Seconds is not null && part.Shards is not null)
            throw new UsageException(
                $"{place}.shards: where seconds end is not known before, so they are not cut: give several seeds");
    }

    private static int Shards(SampledPart part, string place, PlanTarget target, long executions)
    {
        int shards = part.Shards ?? ShardSize.Of(target.Experiment, executions);
        return shards >= 1 && shards <= ShardSize.Most(executions)
            ? shards
            : throw new UsageException(
                $"{place}.shards is a number from 1 to {ShardSize.Most(executions)} for "
                + $"{Counted.Of(executions, "execution")}, not {shards}");
    }

    private void AddShards(SampledPart part, PlanTarget target, string strategy, ulong seed, int shards)
    {
        for (int shard = 1; shard <= shards; shard++)
        {
            Add(target.Place, new Piece
            {
                Kind = Piece.Explore,
                Name = $"{target.Name}, {strategy}, seed {seed}, "
                    + (part.Seconds is { } seconds
                        ? string.Create(CultureInfo.InvariantCulture, $"{seconds} s")
                        : $"shard {shard}/{shards}"),
                Program = Piece.ThisProgram,
                Experiment = Token(target.Experiment, strategy, seed),
                Executions = part.Executions,
                Seconds = part.Seconds,
                Shard = shard,
                Of = shards,
                Compared = ShardSize.Compared(shards),
            });
        }
    }

    private void AddProof(SearchedPart part, string place)
    {
        if (part.Expect is not null)
            throw new UsageException($"{place}.expect: that a variant does no harm is proved by 'verified' only");

        foreach (string variant in PlanValues.Names(part.Variants, $"{place}.variants"))
        {
            if (!At(place, () => catalogue.Variant(variant)).Attribute.IsBenign)
            {
                throw new UsageException(
                    $"{place}.variants: '{variant}' is not said to do no harm: 'verify' takes it, with what to expect");
            }
        }

        Add(part, place, Piece.Prove);
    }

    private void Add(SearchedPart part, string place, string kind)
    {
        string expect = part.Expect ?? Piece.Verified;
        if (expect != Piece.Verified && !FailureClassNames.TryParse(expect, out _))
        {
            IEnumerable<string> names = Enum.GetValues<FailureClass>().Select(each => each.Name());
            string nearest = NearestName.Suggestion(expect, names.Prepend(Piece.Verified));
            throw new UsageException(
                $"{place}.expect is '{Piece.Verified}' or a class of failure, not '{expect}'{nearest}");
        }

        long states = part.States ?? StatesUnlessGiven;
        if (states is < 1 or > StatesMax)
            throw new UsageException($"{place}.states is a number from 1 to {StatesMax}, not {states}");

        var targets = new PlanTargets(catalogue, place, part.Targets, part.Variants, part.Parameters, part.Preempt);
        RequireRoom(place, targets.Count);
        foreach (PlanTarget target in targets.Each(NamedTarget.ResolveProof))
        {
            int contexts = At(target.Place, target.Experiment.Boot).Contexts;
            if (contexts > Transition.MaxSmall)
            {
                throw new UsageException(
                    $"{target.Place}: {contexts} tasks and interrupt handlers: exhaustive search takes up to "
                    + $"{Transition.MaxSmall}");
            }

            Add(target.Place, new Piece
            {
                Kind = kind,
                Name = target.Name,
                Program = Piece.ThisProgram,
                Experiment = Token(target.Experiment, "verify", seed: 1),
                States = states,
                Expect = expect,
            });
        }
    }

    private void Add(FoundPart part, string place)
    {
        string[] races = PlanValues.Names(
            part.Races ?? [.. catalogue.Races.Select(race => race.Name)], $"{place}.races");
        string[] columns = Strategies(
            part.Strategies ?? [.. strategies.Entries.Select(entry => entry.Name)], place);

        if (part.Seeds is < 1 or > SeedsMax)
            throw new UsageException($"{place}.seeds is how many, from 1 to {SeedsMax}, not {part.Seeds}");

        if (part.Executions is < 1 or > FoundExecutionsMax)
        {
            throw new UsageException(
                $"{place}.executions is a number from 1 to {FoundExecutionsMax}, not {part.Executions}");
        }

        ulong first = part.FirstSeed ?? 1;
        RequireRoom(place, (Int128)races.Length * columns.Length);
        foreach (string name in races)
        {
            RaceEntry race = At(place, () => catalogue.Race(name));
            foreach (string strategy in columns)
            {
                Add(place, new Piece
                {
                    Kind = Piece.Find,
                    Name = $"{name}, {strategy}, {Counted.Of(part.Seeds, "seed")} from {first}",
                    Program = Piece.ThisProgram,
                    Experiment = Token(race.Experiment, strategy, first),
                    Executions = part.Executions,
                    Race = name,
                    Seeds = part.Seeds,
                });
            }
        }
    }

    private void Add(string place, Piece piece)
    {
        if (!_places.TryAdd(piece.Text, place))
        {
            throw new UsageException(
                $"{place} has '{piece.Name}', and so has {_places[piece.Text]}: it would be counted twice");
        }

        _pieces.Add(piece);
    }

    private string[] Strategies(string[] names, string place)
    {
        names = PlanValues.Names(names, $"{place}.strategies");
        foreach (string name in names)
            At(place, () => strategies.Strategy(name).Create(seed: 1));

        return names;
    }

    private void RequireRoom(string place, Int128 more)
    {
        if (more + _pieces.Count > PiecesMax)
            throw new UsageException($"{place} makes a plan of more than {PiecesMax} pieces: cut it into several");
    }

    private static string Token(Experiment experiment, string strategy, ulong seed) =>
        Product.Tokens.Format(ModuleFiles.NewSchedule(experiment, strategy, seed));

    private static T At<T>(string place, Func<T> make)
    {
        try
        {
            return make();
        }
        catch (UsageException exception)
        {
            throw new UsageException($"{place}: {exception.Message}");
        }
    }
}
