using System.Text.Json;
using Kmaplab.Stress.CommandLine;
using Kmaplab.Stress.Commands;
using Kmaplab.Stress.Reports.Printing;
using Kmaplab.Stress.Screens;

namespace Kmaplab.Stress.Tests.Commands;

/// <summary>Runs the program in this process, with a folder of its own for what it writes.</summary>
public abstract class CommandLineTest : IDisposable
{
    protected string Folder { get; } = Directory.CreateTempSubdirectory("kmaplab-").FullName;

    protected string Out { get; private set; } = "";

    protected string Error { get; private set; } = "";

    public void Dispose()
    {
        Directory.Delete(Folder, recursive: true);
        GC.SuppressFinalize(this);
    }

    protected int Run(params string[] args) => RunOn(screen: null, args);

    /// <summary>Runs the program on a terminal that it can draw on.</summary>
    private protected int RunOn(IScreen? screen, params string[] args)
    {
        using var stdout = new StringWriter();
        using var stderr = new StringWriter();
        string[] all = args.Contains("--out") ? args : [.. args, "--out", Folder];
        int code = LabProgram.Run(all, new Terminal(stdout, stderr), screen);
        Out = stdout.ToString();
        Error = stderr.ToString();
        return code;
    }

    /// <summary>Runs the program with --json; what it writes to stdout must be one object.</summary>
    protected JsonElement RunForJson(int code, params string[] args)
    {
        int was = Run([.. args, "--json"]);
        Assert.True(was == code, $"exit code {was} instead of {code}, with {Out}{Error}");
        return JsonDocument.Parse(Out).RootElement;
    }

    /// <summary>The program refuses in one line, with exit code 2, and writes nothing else.</summary>
    protected void AssertRefused(string message, params string[] args)
    {
        Assert.Equal(ExitCode.Usage, Run(args));
        Assert.Equal($"kmaplab: {message}{Environment.NewLine}", Error);
        Assert.Empty(Out);
        Assert.Empty(Directory.GetFiles(Folder, "*.part"));
    }
}
