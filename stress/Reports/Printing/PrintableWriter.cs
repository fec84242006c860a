using System.Text;

namespace Kmaplab.Stress.Reports.Printing;

/// <summary>
/// Text for people on its way to a terminal: whatever in it could steer the terminal is escaped, from wherever it came.
/// </summary>
internal sealed class PrintableWriter(TextWriter inner) : TextWriter
{
    public override Encoding Encoding => inner.Encoding;

    public override void Write(char value) =>
        inner.Write(value is '\n' or '\r' or >= ' ' and <= '~' ? value.ToString() : Printable.Lines(value.ToString()));

    public override void Write(string? value) => inner.Write(value is null ? null : Printable.Lines(value));

    public override void Write(char[] buffer, int index, int count) => Write(new string(buffer, index, count));

    public override void WriteLine() => inner.WriteLine();

    public override void WriteLine(string? value) => inner.WriteLine(value is null ? null : Printable.Lines(value));

    public override void Flush() => inner.Flush();
}
