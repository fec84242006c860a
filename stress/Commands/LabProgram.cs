using System.CommandLine;
using System.CommandLine.Invocation;
using System.CommandLine.Parsing;
using System.Runtime.InteropServices;
using System.Text;
using System.Threading;
using Kmaplab.Scheduler.Coroutines;
using Kmaplab.Scheduler.Detection;
using Kmaplab.Scheduler.Scenarios;
using Kmaplab.Scheduler.Schedules;
using Kmaplab.Stress.Campaigns.Coordination.States;
using Kmaplab.Stress.CommandLine;
using Kmaplab.Stress.Commands.Campaigns;
using Kmaplab.Stress.Commands.Lists;
using Kmaplab.Stress.Commands.Proofs;
using Kmaplab.Stress.Commands.Searches;
using Kmaplab.Stress.Commands.Tours;
using Kmaplab.Stress.Conformance;
using Kmaplab.Stress.Reports.Printing;
using Kmaplab.Stress.Screens;

namespace Kmaplab.Stress.Commands;

/// <summary>
/// The program: finds the command, runs it, and turns whatever goes wrong into one line and an exit code.
/// </summary>
public static class LabProgram
{
    /// <summary>Runs the program on the process's own console.</summary>
    public static int RunProcess(string[] args)
    {
        Console.OutputEncoding = new UTF8Encoding(encoderShouldEmitUTF8Identifier: false);
        using var interrupt = new CancellationTokenSource();
        using PosixSignalRegistration ctrlC = StopAt(PosixSignal.SIGINT, interrupt);
        using PosixSignalRegistration terminate = StopAt(PosixSignal.SIGTERM, interrupt);
        using PosixSignalRegistration hangUp = StopAt(PosixSignal.SIGHUP, interrupt);
        bool hasColor = !Console.IsOutputRedirected && Environment.GetEnvironmentVariable("NO_COLOR") is null;
        return Run(
            args,
            new Terminal(Console.Out, Console.Error, !Console.IsErrorRedirected, hasColor, interrupt.Token),
            ConsoleScreen.Find(hasColor && !args.Contains("--no-color")));
    }

    // Whoever stops a job, or closes a terminal, wants to know as much as who presses Ctrl-C. The second signal ends
    // the process.
    private static PosixSignalRegistration StopAt(PosixSignal signal, CancellationTokenSource interrupt) =>
        PosixSignalRegistration.Create(signal, context =>
        {
            context.Cancel = !interrupt.IsCancellationRequested;
            interrupt.Cancel();
        });

    /// <summary>Runs the program on a given terminal; yields the exit code.</summary>
    public static int Run(IReadOnlyList<string> args, Terminal terminal) => Run(args, terminal, screen: null);

    /// <summary>The same on a terminal that can be drawn on, unless it is null.</summary>
    internal static int Run(IReadOnlyList<string> args, Terminal terminal, IScreen? screen)
    {
        ArgumentNullException.ThrowIfNull(terminal);
        var options = new GlobalOptions();
        var thread = new CommandThread();
        ParseResult arguments = Build(options, terminal, thread.Watchdog, screen).Parse(args);
        if (arguments.Action is ParseErrorAction)
            return Error(terminal, ExitCode.Usage, UsageError(arguments));

        if (Empty(arguments) is { } empty)
            return Error(terminal, ExitCode.Usage, $"{empty} is empty: {HelpFor(arguments)} says what it takes");

        try
        {
            var configuration = new InvocationConfiguration
            {
                Output = terminal.Out,
                Error = terminal.Error,
                EnableDefaultExceptionHandler = false,
                ProcessTerminationTimeout = null,
            };
            return Run(thread, () => arguments.Invoke(configuration), terminal, screen);
        }
        catch (OperationCanceledException) when (terminal.Cancellation.IsCancellationRequested)
        {
            return Error(terminal, ExitCode.NoAnswer, "interrupted before there was anything to tell");
        }
        catch (Exception exception)
            when (exception
                    is UsageException
                        or ScheduleFormatException
                        or TraceFormatException
                        or KernelMisuseException)
        {
            return Error(terminal, ExitCode.Usage, exception.Message);
        }
        catch (StateLostException exception)
        {
            return Error(terminal, ExitCode.NoAnswer, exception.Message);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return Error(
                terminal,
                ExitCode.Usage,
                $"cannot read or write: {exception.Message.TrimEnd('.')}; check the place and its free space, then "
                + "run the same again");
        }
        catch (OutOfMemoryException)
        {
            return Error(
                terminal,
                ExitCode.NoAnswer,
                "memory ran out before there was an answer: ask for less at once (--jobs 1, smaller sizes), or let "
                + "the process use more");
        }
        catch (Exception exception)
        {
            return Error(
                terminal,
                ExitCode.Internal,
                $"internal error in 'kmaplab {string.Join(' ', args)}' (seed {arguments.GetValue(options.Seed)}): "
                + $"{exception.GetType().Name}: {Finding.FirstLineOf(exception.Message)}; "
                + "please report this line, it runs the same again (KMAPLAB_DEBUG=1 adds where it happened)",
                Environment.GetEnvironmentVariable("KMAPLAB_DEBUG") is null ? null : exception);
        }
    }

    private static int Run(CommandThread thread, Func<int> command, Terminal terminal, IScreen? screen)
    {
        try
        {
            return thread.Run(command, terminal.Cancellation);
        }
        finally
        {
            screen?.Leave(); // A command that does not come back has not.
        }
    }

    private static RootCommand Build(
        GlobalOptions options, Terminal terminal, Watchdog watchdog, IScreen? screen)
    {
        var tour = new TourCommand();
        LabCommand[] commands =
        [
            tour,
            new ScenariosCommand(),
            new RacesCommand(),
            new ExploreCommand(),
            new VerifyCommand(),
            new SoakCommand(),
            new AlternativesCommand(),
            new OracleCommand(),
            new BenchCommand(),
            new SpeedsCommand(),
            new FrontierCommand(),
            new ReplayCommand(),
            new MergeCommand(),
            new MinimizeCommand(),
            new ExplainCommand(),
            new PlayCommand(screen),
            new ConformCommand(),
            new RecordCommand(),
            new ReleasesCommand(),
            new SelfcheckCommand(),
        ];
        var root = new RootCommand(
            "A laboratory for the concurrency of the Linux kernel's kmap_high(). Without a command: the tour.");
        options.AddTo(root);
        foreach (LabCommand command in commands)
            root.Subcommands.Add(command.Build(options, terminal, watchdog));

        root.Subcommands.Add(CampaignCommand.Build(options, terminal, watchdog));

        root.SetAction(arguments => tour.Run(new Session(terminal, options, arguments, watchdog), arguments));
        return root;
    }

    private static string UsageError(ParseResult arguments)
    {
        string message = Finding.FirstLineOf(arguments.Errors[0].Message).TrimEnd('.');
        Command command = arguments.CommandResult.Command;
        if (arguments.UnmatchedTokens is [var word, ..])
        {
            IEnumerable<string> names = word.StartsWith('-')
                ? command.Options.Select(option => option.Name)
                : command.Subcommands.Select(subcommand => subcommand.Name);
            message =
                $"'{word}' is no {(word.StartsWith('-') ? "option" : "command or argument")} "
                + $"here{NearestName.Suggestion(word, names)}";
        }

        return $"{message} ({HelpFor(arguments)} lists what there is)";
    }

    private static string HelpFor(ParseResult arguments)
    {
        var words = new List<string>();
        for (CommandResult? at = arguments.CommandResult; at?.Command is not (null or RootCommand);)
        {
            words.Insert(0, at.Command.Name);
            at = at.Parent as CommandResult;
        }

        return string.Join(' ', ["kmaplab", .. words, "--help"]);
    }

    // Nothing takes an empty value: it is a shell variable that was not set.
    private static string? Empty(ParseResult arguments) => arguments.CommandResult.Children
        .Where(given => given.Tokens.Any(token => token.Value.Length == 0))
        .Select(given => given is OptionResult option ? option.Option.Name : ((ArgumentResult)given).Argument.Name)
        .FirstOrDefault();

    private static int Error(Terminal terminal, int code, string message, Exception? exception = null)
    {
        try
        {
            terminal.Error.WriteLine($"kmaplab: {Printable.Line(message)}");
            if (exception is not null)
                terminal.Error.WriteLine(exception);
        }
        catch (Exception unwritable) when (unwritable is IOException or UnauthorizedAccessException)
        {
            // Nobody can read it; the exit code still says what happened.
        }

        return code;
    }
}
