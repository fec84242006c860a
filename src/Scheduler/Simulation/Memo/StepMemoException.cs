namespace Kmaplab.Scheduler.Simulation.Memo;

/// <summary>A recorded step is not the step that it stands for: no verdict can be built on it.</summary>
public sealed class StepMemoException : Exception
{
    private const string Hint =
        "; either this program does not log all that steps read, or the scenario keeps state outside kernel memory; "
        + "--no-memo runs every step";

    /// <summary>Without a message.</summary>
    public StepMemoException()
    {
    }

    /// <summary>With a message.</summary>
    public StepMemoException(string message)
        : base(message)
    {
    }

    /// <summary>With a message and what has caused it.</summary>
    public StepMemoException(string message, Exception innerException)
        : base(message, innerException)
    {
    }

    internal static StepMemoException Unlogged(int address, int other) =>
        new($"two steps from one stack read the same words and then word {address} or {other}" + Hint);

    internal static StepMemoException Differs(string step, string what) =>
        new($"{step} was looked up, and run as well: {what}" + Hint);
}
