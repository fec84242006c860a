using System.Threading;
using Kmaplab.Scheduler.Coroutines;
using Kmaplab.Scheduler.Detection;
using Kmaplab.Scheduler.Kernel;
using Kmaplab.Scheduler.Playing;
using Kmaplab.Scheduler.Simulation.Hardware;
using Kmaplab.Stress.Reports.Printing;
using Kmaplab.Stress.Screens;

namespace Kmaplab.Stress.Playing;

/// <summary>Turns keys into commands of a session, and shows what comes of them.</summary>
/// <param name="screen">Where it is shown, and where keys come from.</param>
/// <param name="session">What is played.</param>
/// <param name="title">What that is, for people.</param>
/// <param name="bounds">How far a way to a failure is sought.</param>
/// <param name="save">Keeps what was played until now; yields what to say about that.</param>
internal sealed class PlayLoop(
    IScreen screen,
    PlaySession session,
    string title,
    FailureSearchBounds bounds,
    Func<string> save)
{
    private PlayMove[] _moves = [];
    private int _picked; // Of the moves.
    private string _message = "";
    private bool _showsHelp;

    /// <summary>The first words.</summary>
    internal string Message
    {
        get => _message;
        init => _message = value;
    }

    /// <summary>Goes on until somebody quits, or nobody is there any more.</summary>
    internal void Run(CancellationToken cancellation)
    {
        _moves = PlayMove.Of(session);
        while (!cancellation.IsCancellationRequested)
        {
            Draw();
            if (screen.Wait(cancellation) is not { } key)
                continue;

            bool isBlind = PlayView.IsTooSmall(screen.Size);
            if (isBlind ? key.KeyChar == 'q' : !Press(key, cancellation))
                return;
        }
    }

    private void Draw() => screen.Show(
        PlayView.Draw(session, new PlayMoment(title, _moves, _picked, _message, _showsHelp), screen.Size));

    /// <summary>False for quit.</summary>
    private bool Press(ConsoleKeyInfo key, CancellationToken cancellation)
    {
        if (_showsHelp)
        {
            _showsHelp = false;
            return true;
        }

        if (key.KeyChar == 'q')
            return false;

        _message = "";
        int before = session.Steps.Count;
        PlayMove? was = Picked;
        try
        {
            Do(key, cancellation);
        }
        catch (KernelMisuseException exception)
        {
            session.GoBack(Math.Min(before, session.Steps.Count));
            _message = Finding.FirstLineOf(exception.Message);
        }

        _moves = PlayMove.Of(session);
        if (key.Key is not (ConsoleKey.UpArrow or ConsoleKey.DownArrow))
            PickAgain(was);

        return true;
    }

    private PlayMove? Picked => _picked < _moves.Length ? _moves[_picked] : null;

    private void Do(ConsoleKeyInfo key, CancellationToken cancellation)
    {
        switch (key.Key)
        {
            case ConsoleKey.UpArrow:
                _picked = Math.Max(0, _picked - 1);
                break;
            case ConsoleKey.DownArrow:
                _picked = Math.Min(Math.Max(0, _moves.Length - 1), _picked + 1);
                break;
            case ConsoleKey.Enter when Picked is { } move:
                session.Take(move.Transition);
                break;
            case ConsoleKey.LeftArrow or ConsoleKey.Backspace:
                Undo();
                break;
            case ConsoleKey.RightArrow or ConsoleKey.Spacebar:
                Redo();
                break;
            case ConsoleKey.Home:
                session.GoBack(0);
                break;
            case ConsoleKey.End:
                GoToEnd(cancellation);
                break;
            default:
                DoLetter(key.KeyChar, cancellation);
                break;
        }
    }

    private void DoLetter(char letter, CancellationToken cancellation)
    {
        switch (letter)
        {
            case >= '0' and <= '9':
                StepOf(letter - '0');
                break;
            case 'u':
                Undo();
                break;
            case 'r':
                Redo();
                break;
            case 'a':
                RunAlone();
                break;
            case 'f':
                FindFailure(cancellation);
                break;
            case 's':
                _message = save();
                break;
            case '?' or 'h':
                _showsHelp = true;
                break;
            case '\0':
                break;
            default:
                _message = "no such key: ? tells them all";
                break;
        }
    }

    private void StepOf(int context)
    {
        if (session.Take(Transition.Step(context)))
            return;

        int choice = Array.FindIndex(_moves, move => move.Transition.IsStepOf(context));
        if (choice >= 0)
        {
            _picked = choice;
            _message = $"{session.NameOf(context)} has a choice: pick one with up, down and Enter";
            return;
        }

        _message = context < session.Contexts
            ? $"{session.NameOf(context)} cannot go on now"
            : $"there is no task {context}";
    }

    private void Undo()
    {
        if (session.Steps.Count == 0)
            _message = "this is the start";

        session.GoBack(Math.Max(0, session.Steps.Count - 1));
    }

    private void Redo()
    {
        if (session.Ahead.Count == 0)
            _message = "nothing is ahead: take a step, or look for a way to a failure (f)";
        else if (!session.GoOn())
            _message = $"the schedule does not go on from here: {session.Ahead[0]} is not enabled";
    }

    private void GoToEnd(CancellationToken cancellation)
    {
        while (!cancellation.IsCancellationRequested && session.GoOn())
        { }
    }

    private void RunAlone()
    {
        int context = Picked is { } picked && picked.Transition.IsStep ? picked.Context : -1;
        int steps = context < 0 ? 0 : session.RunAlone(context);
        _message = context < 0 ? "pick a task that can go on"
            : steps == 0 ? $"{session.NameOf(context)} has a choice: pick one with Enter"
            : $"{session.NameOf(context)} took {Counted.Of(steps, "step")}, and {WhyNoMore(context, steps)}";
    }

    private string WhyNoMore(int context, int steps) =>
        session.Finding is not null ? "something is wrong now"
        : steps == PlaySession.RunMax ? "would go on"
        : session.Enabled.Any(transition => transition.IsStepOf(context)) ? "has a choice now"
        : "cannot go on";

    private void FindFailure(CancellationToken cancellation)
    {
        _message = "looking for a way to a failure... (any key ends it)";
        Draw();
        FailureSearch search = session.FindFailure(bounds, screen.TakeKey, cancellation);
        _message = Tell(search);
        if (search.Finding is not null)
            session.LayAhead(search.Way);
    }

    private string Tell(FailureSearch search)
    {
        if (session.Finding is not null)
            return "something is wrong already: go back (u) to look for another way";

        string states = $"{DigitGroups.Of(search.States)} further {(search.States == 1 ? "state" : "states")}";
        return search switch
        {
            { Finding: { } finding } =>
                $"{finding.Class.Name()} in {(search.IsShortest ? "" : "at most ")}"
                + $"{Counted.Of(search.Way.Count, "step")} from here: go along with the right arrow",
            { IsInterrupted: true } =>
                $"ended by a key: none found within {states}"
                + (search.Executions > 0 ? $" and {Counted.Of(search.Executions, "random execution")}" : ""),
            { IsComplete: true, States: 0 } => "nothing can happen any more",
            { IsComplete: true } => $"{states} can be reached from here: none fails (endless runs: verify)",
            _ => $"none found within {states} and {Counted.Of(search.Executions, "random execution")} from here",
        };
    }

    // The same task again, if it still can.
    private void PickAgain(PlayMove? was)
    {
        int same = was is { } move
            ? Array.FindIndex(_moves, now => now.Transition == move.Transition)
            : -1;
        if (same < 0 && was is { } before)
            same = Array.FindIndex(_moves, now => now.Transition.IsStep && now.Context == before.Context);

        _picked = same >= 0 ? same : Math.Clamp(_picked, 0, Math.Max(0, _moves.Length - 1));
    }
}
