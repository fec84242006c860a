using Kmaplab.Scheduler.Detection;
using Kmaplab.Scheduler.Scenarios;
using Kmaplab.Scheduler.Settings;

namespace Kmaplab.Stress.Oracle.Sources;

/// <summary>Which program is run: schedules keep exactly these.</summary>
[AttributeUsage(AttributeTargets.Class)]
internal sealed class ProgramParametersAttribute : Attribute, IDeclaresParameters
{
    /// <summary>The file that has it, as it was named.</summary>
    internal const string File = "file";

    /// <summary>Its name in there.</summary>
    internal const string Program = "program";

    /// <summary><see cref="OracleProgram.Content"/>, by which a changed program is noticed.</summary>
    internal const string Content = "content";

    IReadOnlyList<Parameter> IDeclaresParameters.Parameters { get; } =
    [
        new ProgramPart(File, "a file of programs"),
        new ProgramPart(Program, "the program's name in it"),
        new ProgramPart(Content, "a hash of the program"),
    ];
}

/// <summary>A part of what says which program is run. No search for smaller sizes may touch it.</summary>
internal sealed record ProgramPart(string Name, string Summary) : Parameter(Name, Summary)
{
    public override string Default => "";

    public override string Form => "TEXT";

    public override string Range => "a line of text";

    public override string Read(ParameterSetting given) => Finding.FirstLineOf(given.Text) == given.Text
        ? given.Text
        : throw new UsageException(
            $"'{given.Text}' cannot be a program's {Name}: a schedule keeps one line of text without blanks around it");
}
