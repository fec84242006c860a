using System.Buffers.Binary;
using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using Kmaplab.Stress.Pictures.Formats;
using Kmaplab.Stress.Pictures.Tracing;
using Kmaplab.Stress.Processes;

namespace Kmaplab.Stress.Tests.Pictures;

/// <summary>A trace.dat tells the same as the text of ftrace: read here by its layout, and by trace-cmd.</summary>
public sealed partial class TraceDatTests
{
    private const int PageSize = 4096;

    public static TheoryData<string> Races => [.. ExplanationSamples.Races];

    [Theory]
    [MemberData(nameof(Races))]
    public void Its_pages_hold_what_the_text_of_ftrace_says(string race)
    {
        string[] expected = [.. Text(race).Select(line => $"{line.Cpu} {line.Time} {line.Name}").Order(StringComparer.Ordinal)];

        IEnumerable<string> recorded = Events(Bytes(race))
            .Select(recorded => $"{recorded.Cpu} {recorded.Nanoseconds / 1000} {recorded.Name}");

        Assert.NotEmpty(expected);
        Assert.Equal(expected, recorded.Order(StringComparer.Ordinal));
    }

    [Theory]
    [InlineData("no-wakeup")]
    [InlineData("wrong-km-type")]
    [InlineData("lock-with-irqs-off")]
    [InlineData("no-recheck")]
    public void Trace_cmd_reports_the_same(string race)
    {
        string path = Path.GetTempFileName();
        try
        {
            File.WriteAllBytes(path, Bytes(race));
            string[] report = [.. Report(path).Where(line => ReportLine().IsMatch(line))];

            // Of two CPUs at the same time trace-cmd tells either first.
            Assert.Equal(
                Text(race).Select(line => line.Essence).Order(StringComparer.Ordinal),
                report.Select(line => Essence(ReportLine().Match(line))).Order(StringComparer.Ordinal));
        }
        finally
        {
            File.Delete(path);
        }
    }

    [Fact]
    public void Long_texts_long_pauses_and_many_pages_are_read_back()
    {
        var buffer = new RingBuffer();
        byte[][] written = [.. Enumerable.Range(0, 200).Select(number => new byte[4 + (4 * (number % 60))])];
        long[] times = [.. written.Select((_, number) => number * 50_000_000L * (number % 5))];
        for (int number = 1; number < times.Length; number++)
            times[number] = Math.Max(times[number], times[number - 1]);

        for (int number = 0; number < written.Length; number++)
        {
            BinaryPrimitives.WriteInt32LittleEndian(written[number], number);
            buffer.Add(times[number], written[number]);
        }

        using var stream = new MemoryStream();
        using (var file = new BinaryWriter(stream))
            buffer.WriteTo(file);

        (long Time, byte[] Data)[] read = [.. Pages(stream.ToArray())];
        Assert.True(buffer.Length > PageSize);
        Assert.Equal(times, read.Select(each => each.Time));
        Assert.Equal(written, read.Select(each => each.Data));
    }

    private static string[] Report(string path)
    {
        (int Code, string Output, string Errors)? run = ChildProcess.Run(
            "trace-cmd",
            ["report", "-N", "-l", "-i", path],
            Path.GetTempPath(),
            timeMax: null,
            TestContext.Current.CancellationToken);
        Assert.SkipWhen(run is null, "trace-cmd is not installed");
        Assert.True(run!.Value.Code == 0, run.Value.Errors);
        return run.Value.Output.Split('\n');
    }

    private static string Essence(Match line)
    {
        Assert.True(line.Success);
        string what = line.Groups["what"].Value.Trim();
        string task = line.Groups["task"].Value.Replace("<idle>", "swapper", StringComparison.Ordinal);
        return $"{task} {int.Parse(line.Groups["cpu"].Value, CultureInfo.InvariantCulture)} "
            + $"{line.Groups["time"].Value} {line.Groups["name"].Value}: "
            + (what.StartsWith("machine: ", StringComparison.Ordinal) ? what["machine: ".Length..] : what);
    }

    private static IEnumerable<(int Cpu, long Time, string Name, string Essence)> Text(string race)
    {
        foreach (string line in Encoding.UTF8.GetString(Bytes(race, "ftrace")).Split('\n'))
        {
            Match match = TextLine().Match(line);
            if (!match.Success)
                continue;

            string[] time = match.Groups["time"].Value.Split('.');
            yield return (
                int.Parse(match.Groups["cpu"].Value, CultureInfo.InvariantCulture),
                (long.Parse(time[0], CultureInfo.InvariantCulture) * 1_000_000)
                + long.Parse(time[1], CultureInfo.InvariantCulture),
                match.Groups["name"].Value,
                Essence(match));
        }
    }

    private static IEnumerable<(int Cpu, long Nanoseconds, string Name)> Events(byte[] file)
    {
        int place = file.AsSpan().IndexOf("flyrecord\0"u8);
        int cpus = BitConverter.ToInt32(file, place - sizeof(int));
        place += "flyrecord\0"u8.Length;
        for (int cpu = 0; cpu < cpus; cpu++, place += 2 * sizeof(long))
        {
            int start = (int)BitConverter.ToInt64(file, place);
            int length = (int)BitConverter.ToInt64(file, place + sizeof(long));
            Assert.Equal(0, start % PageSize);
            foreach ((long time, byte[] data) in Pages(file.AsSpan(start, length).ToArray()))
            {
                string name = BitConverter.ToUInt16(data) switch { 5 => "print", 316 => "sched_switch", _ => "sched_waking" };
                yield return (cpu, time, name);
            }
        }
    }

    private static IEnumerable<(long Time, byte[] Data)> Pages(byte[] pages)
    {
        for (int page = 0; page < pages.Length; page += PageSize)
        {
            long time = BitConverter.ToInt64(pages, page);
            int end = page + 16 + (int)BitConverter.ToInt64(pages, page + 8);
            for (int place = page + 16; place < end;)
            {
                uint head = BitConverter.ToUInt32(pages, place);
                place += sizeof(uint);
                time += head >> 5;
                uint first = place < end ? BitConverter.ToUInt32(pages, place) : 0;
                if ((head & 31) == 30)
                {
                    time += (long)first << 27;
                    place += sizeof(uint);
                    continue;
                }

                int length = (int)(head & 31) * 4;
                if (length == 0)
                {
                    length = (int)first - sizeof(uint);
                    place += sizeof(uint);
                }

                yield return (time, pages[place..(place + length)]);
                place += length;
            }
        }
    }

    private static byte[] Bytes(string race, string format = "tracedat")
    {
        using var stream = new MemoryStream();
        PictureFormats.Find(format).Write(ExplanationSamples.Explain(race), stream);
        return stream.ToArray();
    }

    [GeneratedRegex(@"^\s*(?<task>\S+-\d+)\s+\[(?<cpu>\d+)\] \S+\s+(?<time>[\d.]+): (?<name>\w+):(?<what>.*)$")]
    private static partial Regex TextLine();

    [GeneratedRegex(@"^\s*(?<task>\S+-\d+)\s+(?<cpu>\d+)\S*\s+(?<time>[\d.]+): (?<name>\w+):(?<what>.*)$")]
    private static partial Regex ReportLine();
}
