using System.CommandLine;
using Kmaplab.Scheduler.Detection;
using Kmaplab.Scheduler.Kernel;
using Kmaplab.Scheduler.Playing;
using Kmaplab.Scheduler.Scenarios;
using Kmaplab.Scheduler.Schedules;
using Kmaplab.Stress.CommandLine;
using Kmaplab.Stress.Playing;
using Kmaplab.Stress.Reports.Printing;
using Kmaplab.Stress.Reports.Texts;
using Kmaplab.Stress.Screens;

namespace Kmaplab.Stress.Commands;

/// <summary>The scheduler in the user's hands, on a terminal.</summary>
internal sealed class PlayCommand(IScreen? screen)
    : LabCommand("play", "Choose each step by hand, on a terminal: pick, undo, look for a failure, save")
{
    private const int StatesUnlessGiven = 50_000;
    private const int StepsPerState = 40; // Of random executions, once the states are too many.

    private readonly Argument<string> _target = new("TARGET|FILE|TOKEN")
    {
        Description = "A scenario, a race, or a schedule to go along with",
    };

    private readonly Option<int> _maxStates = NumberOption.Create(
        "--max-states",
        "States that are looked at for a way to a failure",
        1,
        10_000_000,
        StatesUnlessGiven);

    private readonly SizeOptions _size = new();

    protected override void AddOptions(Command command)
    {
        command.Arguments.Add(_target);
        command.Options.Add(_maxStates);
        _size.AddTo(command);
    }

    internal override int Run(Session session, ParseResult arguments)
    {
        if (session.IsJson)
        {
            throw new UsageException(
                "play is for people and has no --json: replay and explain tell a schedule as data");
        }

        if (screen is null)
        {
            throw new UsageException(
                "play needs a terminal for keys and for what it draws: it cannot read a file or write into a pipe");
        }

        if (PlayView.IsTooSmall(screen.Size))
            throw new UsageException($"{PlayView.TooSmall(screen.Size)}: enlarge it, and start again");

        string target = arguments.GetValue(_target)!;
        Schedule? given = IsSchedule(target) ? session.Read(() => ScheduleSource.Load(target)) : null;
        if (given is not null)
            _size.RequireNone(arguments);

        Experiment experiment = given is null
            ? _size.Resolve(session.Catalogue, arguments, target)
            : session.Catalogue.Resolve(given);
        var play = new PlaySession(experiment.Boot());
        play.LayAhead(given?.Transitions ?? []);
        int states = arguments.GetValue(_maxStates);
        var bounds = new FailureSearchBounds(
            states, (int)Math.Min(int.MaxValue, (long)states * StepsPerState), session.Seed);
        SavedSchedule? saved = null;
        string name = given is null ? target : experiment.Name;
        var loop = new PlayLoop(screen, play, $"{experiment.Name} {SizeText.Of(experiment)}", bounds, () =>
        {
            saved = Save(session, experiment, name, play);
            return saved.Path is { } path
                ? $"saved: kmaplab replay {Printable.Argument(path)}"
                : $"not saved: {saved.Problem}";
        })
        {
            Message = Greeting(given, experiment),
        };
        screen.Enter();
        try
        {
            loop.Run(session.Cancellation);
        }
        finally
        {
            screen.Leave();
        }

        Conclude(session, experiment, play, saved);
        return session.Cancellation.IsCancellationRequested ? ExitCode.NoAnswer : ExitCode.Clean;
    }

    private static bool IsSchedule(string target) =>
        File.Exists(target) || Product.Tokens.LooksLikeToken(target);

    private static string Greeting(Schedule? given, Experiment experiment) => given switch
    {
        null => "pick who goes next; ? tells the keys",
        _ when given.Build != experiment.Build =>
            "the schedule is from another build, and is followed as far as it fits: right arrow",
        _ => $"{Counted.Of(given.Transitions.Length, "step")} to {given.Verdict?.Name() ?? "nothing wrong"} ahead: "
            + "right arrow goes along",
    };

    // What was played is run once more before it is kept: as it is from the file, so will it be from there.
    private static SavedSchedule Save(Session session, Experiment experiment, string name, PlaySession play)
    {
        try
        {
            session.PrepareOut();
        }
        catch (UsageException exception)
        {
            return new SavedSchedule(null, exception.Message);
        }

        return play.RunAgain().Reproduced
            ? SavedSchedule.Save(session.Out, $"{name}-play", ScheduleOf(session, experiment, play))
            : new SavedSchedule(
                null, "run again it does not show the same: the scenario depends on something outside the machine");
    }

    private static Schedule ScheduleOf(Session session, Experiment experiment, PlaySession play) =>
        session.NewSchedule(experiment, "play").With(play.Finding) with { Transitions = [.. play.Schedule] };

    private static void Conclude(Session session, Experiment experiment, PlaySession play, SavedSchedule? saved)
    {
        string shown = play.Finding is { } finding ? $"{finding.Class.Name()}: {finding.FirstLine}" : "nothing wrong";
        session.Text.WriteLine(
            $"{experiment.Name}: played {Counted.Of(play.Steps.Count, "step")}, "
            + $"{Counted.Of(play.Preemptions, "preemption")}: {shown}");
        if (saved?.Path is { } path)
            session.Text.WriteLine($"  saved: {Printable.Of(path)}");

        if (play.Steps.Count > 0)
            session.Text.WriteLine($"  token: {Product.Tokens.Format(ScheduleOf(session, experiment, play))}");
    }
}
