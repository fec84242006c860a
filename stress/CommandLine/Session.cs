using System.CommandLine;
using System.Reflection;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using System.Threading;
using Kmaplab.Scheduler.Detection;
using Kmaplab.Scheduler.Scenarios;
using Kmaplab.Scheduler.Schedules;
using Kmaplab.Stress.Reports;
using Kmaplab.Stress.Reports.Printing;
using Spectre.Console;

namespace Kmaplab.Stress.CommandLine;

/// <summary>One call of the program: where it writes, and what its common options say.</summary>
internal sealed class Session
{
    private const int Columns = 100;

    private readonly Watchdog _watchdog;
    private readonly string[] _modules;
    private Assembly[]? _assemblies;
    private ScenarioCatalogue? _catalogue;
    private StrategyCatalogue? _strategies;

    internal Session(Terminal terminal, GlobalOptions options, ParseResult arguments, Watchdog watchdog)
    {
        _watchdog = watchdog;
        Terminal = terminal;
        IsJson = arguments.GetValue(options.Json);
        Seed = arguments.GetValue(options.Seed);
        Jobs = arguments.GetValue(options.Jobs);
        Out = arguments.GetValue(options.Out)!;
        _modules = arguments.GetValue(options.Module) ?? [];
        TextWriter people = IsJson ? terminal.Error : terminal.Out;
        Text = new PrintableWriter(people);
        bool hasColor = terminal.HasColor && !IsJson && !arguments.GetValue(options.NoColor);
        Console = AnsiConsole.Create(new AnsiConsoleSettings
        {
            Out = new AnsiConsoleOutput(hasColor ? people : Text), // Colours are escape sequences.
            Ansi = hasColor ? AnsiSupport.Yes : AnsiSupport.No,
            ColorSystem = hasColor ? ColorSystemSupport.Standard : ColorSystemSupport.NoColors,
            Interactive = InteractionSupport.No,
        });
        Console.Profile.Width = Columns;
        Console.Profile.Capabilities.Unicode = true;
    }

    internal Terminal Terminal { get; }

    internal bool IsJson { get; }

    internal ulong Seed { get; private set; }

    internal int Jobs { get; }

    /// <summary>The folder for schedules and reports.</summary>
    internal string Out { get; }

    /// <summary>Where text for people goes.</summary>
    internal TextWriter Text { get; }

    /// <summary>The same, for tables and colours.</summary>
    internal IAnsiConsole Console { get; }

    internal CancellationToken Cancellation => Terminal.Cancellation;

    internal ScenarioCatalogue Catalogue => _catalogue ??= LoadCatalogue();

    internal StrategyCatalogue Strategies => _strategies ??= new StrategyCatalogue(Assemblies);

    /// <summary>The program's own, and the modules.</summary>
    private Assembly[] Assemblies => _assemblies ??= [typeof(Session).Assembly, .. _modules.Select(Load)];

    /// <summary>The modules as options, each after a blank; whoever repeats a command needs them.</summary>
    internal string ModuleOptions =>
        string.Concat(_modules.Select(module => $" --module {Printable.Argument(module)}"));

    /// <summary>What is read says with which seed it was made, and that is used from now on.</summary>
    internal void TakeSeed(ulong seed) => Seed = seed;

    /// <summary>Keeps what was done, which takes a while, or has done so.</summary>
    internal void IsKeeping(bool value) => _watchdog.IsKeeping = value;

    /// <summary>A schedule of an experiment without transitions, which names the modules that it needs.</summary>
    internal Schedule NewSchedule(Experiment experiment, string strategy) =>
        ModuleFiles.NewSchedule(experiment, strategy, Seed);

    /// <summary>
    /// Reads input, for which it may have to wait, as for a pipe that nobody writes; interrupted, it leaves.
    /// </summary>
    internal T Read<T>(Func<T> read)
    {
        Task<T> reading = Task.Factory.StartNew(
            read,
            CancellationToken.None,
            TaskCreationOptions.LongRunning,
            TaskScheduler.Default);
        Task.WhenAny(reading).Wait(Cancellation);
        return reading.GetAwaiter().GetResult();
    }

    internal void WriteJson<T>(T report, JsonTypeInfo<T> type)
    {
        if (IsJson)
            Terminal.Out.WriteLine(JsonSerializer.Serialize(report, type));
    }

    /// <summary>Makes the folder for results, and sees before any work is done whether it can be written.</summary>
    internal void PrepareOut()
    {
        try
        {
            Directory.CreateDirectory(Out);
            string probe = Path.Combine(Out, $".kmaplab-{Environment.ProcessId}");
            File.WriteAllText(probe, "");
            File.Delete(probe);
        }
        catch (Exception exception)
            when (exception is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
        {
            throw new UsageException($"--out '{Out}' cannot be written: {exception.Message}");
        }
    }

    private ScenarioCatalogue LoadCatalogue()
    {
        var catalogue = new ScenarioCatalogue(Product.Name, Assemblies);
        _watchdog.Calls = catalogue.Watch;
        return catalogue;
    }

    private static Assembly Load(string path)
    {
        if (!File.Exists(path))
            throw new UsageException($"--module '{path}' is no file: give the path of an assembly, FILE.dll");

        try
        {
            Assembly assembly = Assembly.LoadFrom(Path.GetFullPath(path));
            assembly.GetTypes();
            return assembly;
        }
        catch (ReflectionTypeLoadException exception)
        {
            throw new UsageException(
                $"--module '{path}' does not fit this kmaplab: {exception.LoaderExceptions[0]?.Message}");
        }
        catch (Exception exception)
            when (exception
                    is IOException
                        or BadImageFormatException
                        or UnauthorizedAccessException
                        or ArgumentException)
        {
            throw new UsageException($"--module '{path}' cannot be loaded: {exception.Message}");
        }
    }
}
