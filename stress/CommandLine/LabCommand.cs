using System.CommandLine;
using Kmaplab.Stress.Commands;
using Kmaplab.Stress.Reports.Printing;

namespace Kmaplab.Stress.CommandLine;

/// <summary>One command of the program. To add one, derive from this and list it in <see cref="LabProgram"/>.</summary>
internal abstract class LabCommand(string name, string description)
{
    internal Command Build(GlobalOptions options, Terminal terminal, Watchdog watchdog)
    {
        var command = new Command(name, description);
        AddOptions(command);
        command.SetAction(arguments => Run(new Session(terminal, options, arguments, watchdog), arguments));
        return command;
    }

    /// <summary>Adds the command's own arguments and options.</summary>
    protected virtual void AddOptions(Command command)
    {
    }

    /// <summary>Does the work; yields the exit code.</summary>
    internal abstract int Run(Session session, ParseResult arguments);
}
