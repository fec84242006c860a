namespace Kmaplab.Scheduler.Detection;

/// <summary>What is wrong with an execution.</summary>
/// <param name="Class">The class of failure.</param>
/// <param name="Message">What happened to whom, in words; the first line can stand alone.</param>
public record Finding(FailureClass Class, string Message)
{
    private static readonly System.Buffers.SearchValues<char> s_lineEnds = System.Buffers.SearchValues.Create(
        "\r\n\f\v\u0085\u2028\u2029");

    /// <summary>The first line of the message.</summary>
    public string FirstLine => FirstLineOf(Message);

    /// <summary>The first line of any text, without blanks around it, whatever ends lines there.</summary>
    public static string FirstLineOf(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        int end = text.AsSpan().IndexOfAny(s_lineEnds);
        return (end < 0 ? text : text[..end]).Trim();
    }
}
