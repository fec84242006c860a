using Kmaplab.Scheduler.Settings;

namespace Kmaplab.Scheduler.Schedules;

/// <summary>
/// The parameters of schedules of version 1, which knew no others: each has all of them, in this order, whatever its
/// scenario takes.
/// </summary>
internal static class FormatOne
{
    internal const int Version = 1;
    internal const string Rounds = "rounds";
    internal const string AnyRounds = "any";
    internal const string Switch = "debug-highmem";

    /// <summary>What follows the numbers, and comes before the switch.</summary>
    internal static IReadOnlyList<string> Texts { get; } = ["script", "release"];

    /// <summary>
    /// Whole numbers; only <see cref="Rounds"/> may be <see cref="AnyRounds"/>, which is -1 in a token.
    /// </summary>
    internal static IReadOnlyList<string> Numbers { get; } = ["tasks", "slots", "pages", "cpus", Rounds, "depth"];

    /// <summary>The fields of a file.</summary>
    internal static IEnumerable<ParameterValue> Read(FieldReader fields)
    {
        foreach (string name in Numbers)
        {
            string number = name == Rounds ? fields.NumberOr(name, AnyRounds) : $"{fields.Int(name)}";
            yield return new ParameterValue(name, number);
        }

        foreach (string name in Texts)
            yield return new ParameterValue(name, fields.Text(name));

        yield return new ParameterValue(Switch, fields.YesOrNo(Switch) ? SwitchParameter.On : SwitchParameter.Off);
    }

    /// <summary>What a token has between its modules and its points.</summary>
    internal static IEnumerable<ParameterValue> Read(BinaryReader reader, bool isSwitchOn)
    {
        foreach (string name in Numbers)
        {
            int number = reader.Read7BitEncodedInt();
            yield return new ParameterValue(name, name == Rounds && number == -1 ? AnyRounds : $"{number}");
        }

        foreach (string name in Texts)
            yield return new ParameterValue(name, reader.ReadString());

        yield return new ParameterValue(Switch, isSwitchOn ? SwitchParameter.On : SwitchParameter.Off);
    }

    /// <summary>Writes the same, but the switch, which is a flag of the token.</summary>
    internal static void Write(BinaryWriter writer, Parameters parameters)
    {
        foreach (string name in Numbers)
            writer.Write7BitEncodedInt(parameters.Text(name) == AnyRounds ? -1 : parameters.Int(name));

        foreach (string name in Texts)
            writer.Write(parameters.Text(name));
    }
}
