using System.CommandLine;
using System.CommandLine.Invocation;
using System.Text;
using System.Threading;
using Kmaplab.Scheduler.Scenarios;
using Kmaplab.Scheduler.Schedules;

namespace Kmaplab.Stress.Commands;

/// <summary>The program: finds the command, runs it, and turns whatever goes wrong into one line and an exit code.</summary>
public static class LabProgram
{
    /// <summary>Runs the program on the process's own console.</summary>
    public static int RunProcess(string[] args)
    {
        Console.OutputEncoding = new UTF8Encoding(encoderShouldEmitUTF8Identifier: false);
        using var interrupt = new CancellationTokenSource();
        Console.CancelKeyPress += (_, key) =>
        {
            key.Cancel = !interrupt.IsCancellationRequested; // The second Ctrl-C ends the process.
            interrupt.Cancel();
        };
        bool hasColor = !Console.IsOutputRedirected && Environment.GetEnvironmentVariable("NO_COLOR") is null;
        return Run(args, new Terminal(Console.Out, Console.Error, !Console.IsErrorRedirected, hasColor, interrupt.Token));
    }

    /// <summary>Runs the program on a given terminal; yields the exit code.</summary>
    public static int Run(IReadOnlyList<string> args, Terminal terminal)
    {
        ArgumentNullException.ThrowIfNull(terminal);
        ParseResult arguments = Build(terminal).Parse(args);
        if (arguments.Action is ParseErrorAction)
            return Error(terminal, ExitCode.Usage, UsageError(arguments));

        try
        {
            return arguments.Invoke(new InvocationConfiguration
            {
                Output = terminal.Out,
                Error = terminal.Error,
                EnableDefaultExceptionHandler = false,
                ProcessTerminationTimeout = null,
            });
        }
        catch (Exception exception) when (exception is UsageException or ScheduleFormatException)
        {
            return Error(terminal, ExitCode.Usage, exception.Message);
        }
        catch (Exception exception) when (exception is not OutOfMemoryException)
        {
            return Error(
                terminal,
                ExitCode.Internal,
                $"internal error in 'kmaplab {string.Join(' ', args)}': {exception.GetType().Name}: {Schedule.FirstLine(exception.Message)}; "
                + "please report this line, it runs the same again (KMAPLAB_DEBUG=1 adds where it happened)",
                Environment.GetEnvironmentVariable("KMAPLAB_DEBUG") is null ? null : exception);
        }
    }

    private static RootCommand Build(Terminal terminal)
    {
        var options = new GlobalOptions();
        var tour = new TourCommand();
        LabCommand[] commands =
        [
            tour,
            new ScenariosCommand(),
            new RacesCommand(),
            new ExploreCommand(),
            new VerifyCommand(),
            new OracleCommand(),
            new BenchCommand(),
            new FrontierCommand(),
            new ReplayCommand(),
            new ConformCommand(),
            new RecordCommand(),
            new ReleasesCommand(),
        ];
        var root = new RootCommand("A laboratory for the concurrency of the Linux kernel's kmap_high(). Without a command: the tour.");
        options.AddTo(root);
        foreach (LabCommand command in commands)
            root.Subcommands.Add(command.Build(options, terminal));

        root.SetAction(arguments => tour.Run(new Session(terminal, options, arguments), arguments));
        return root;
    }

    private static string UsageError(ParseResult arguments)
    {
        string message = Schedule.FirstLine(arguments.Errors[0].Message).TrimEnd('.');
        Command command = arguments.CommandResult.Command;
        if (arguments.UnmatchedTokens is [var word, ..])
        {
            IEnumerable<string> names = word.StartsWith('-')
                ? command.Options.Select(option => option.Name)
                : command.Subcommands.Select(subcommand => subcommand.Name);
            message = $"'{word}' is no {(word.StartsWith('-') ? "option" : "command or argument")} here{NearestName.Suggestion(word, names)}";
        }

        string help = command is RootCommand ? "kmaplab --help" : $"kmaplab {command.Name} --help";
        return $"{message} ({help} lists what there is)";
    }

    private static int Error(Terminal terminal, int code, string message, Exception? exception = null)
    {
        terminal.Error.WriteLine($"kmaplab: {message}");
        if (exception is not null)
            terminal.Error.WriteLine(exception);

        return code;
    }
}
