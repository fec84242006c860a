using System.CommandLine;
using Kmaplab.Scheduler.Simulation.Memo;

namespace Kmaplab.Stress.CommandLine;

/// <summary>Whether a search looks up steps that it has made before, and how much of that it checks.</summary>
internal sealed class MemoSwitches
{
    private readonly Option<bool> _noMemo = new("--no-memo")
    {
        Description = "Perform every step, and look none up",
    };
    private readonly Option<bool> _shadow = new("--shadow")
    {
        Description = "Perform every step that is looked up as well, and compare",
    };

    internal void AddTo(Command command)
    {
        command.Options.Add(_noMemo);
        command.Options.Add(_shadow);
    }

    /// <summary>Null for no looking up.</summary>
    internal MemoOptions? Read(ParseResult arguments) =>
        arguments.GetValue(_noMemo) ? null
        : arguments.GetValue(_shadow) ? MemoOptions.Shadow
        : new MemoOptions();
}
