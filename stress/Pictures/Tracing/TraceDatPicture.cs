using System.Buffers.Binary;
using System.Text;
using Kmaplab.Scheduler.Traces;

namespace Kmaplab.Stress.Pictures.Tracing;

/// <summary>A trace as the trace.dat file, version 6, of trace-cmd, which KernelShark draws.</summary>
/// <remarks>
/// The layout is that of the manual page trace-cmd.dat.v6: the formats of all events as text, the names of functions
/// and tasks, and then for each CPU pages as the kernel's ring buffer has them.
/// </remarks>
internal static class TraceDatPicture
{
    private const ushort PrintId = 5;
    private const ushort SwitchId = 316;
    private const ushort WakingId = 317;
    private const int CommLength = 16;
    private const int TextMax = 1000; // Bytes of a line; an event must fit into a page.
    private const long FirstAddress = unchecked((long)0xffffffff81000000);
    private const int FunctionBytes = 4096;

    internal static void Write(Explanation explanation, Stream stream)
    {
        var recorder = new Recorder(explanation.Trace);
        recorder.Record();
        using var file = new MemoryStream();
        using (var binary = new BinaryWriter(file, Encoding.UTF8, leaveOpen: true))
            Write(binary, recorder);

        file.Position = 0;
        file.CopyTo(stream);
    }

    private static void Write(BinaryWriter file, Recorder recorder)
    {
        file.Write([0x17, 0x08, 0x44, .. "tracing6\0"u8]);
        file.Write((byte)0); // Little endian,
        file.Write((byte)8); // with longs of 8 bytes.
        file.Write(RingBuffer.PageSize);
        file.Write("header_page\0"u8);
        WriteLong(file, TraceDatFormats.HeaderPage);
        file.Write("header_event\0"u8);
        WriteLong(file, TraceDatFormats.HeaderEvent);
        file.Write(1);
        WriteLong(file, TraceDatFormats.Print);
        file.Write(1);
        file.Write("sched\0"u8);
        file.Write(2);
        WriteLong(file, TraceDatFormats.Switch);
        WriteLong(file, TraceDatFormats.Waking);
        WriteShort(file, string.Concat(recorder.Functions.Select((name, number) =>
            $"{FirstAddress + ((long)number * FunctionBytes):x16} T {name}\n")));
        file.Write(0); // No formats of printk.
        WriteLong(file, recorder.Commands);
        file.Write(recorder.Pages.Count);
        file.Write("flyrecord\0"u8);
        long place = RoundUp(file.BaseStream.Position + (recorder.Pages.Count * 2L * sizeof(long)));
        foreach (RingBuffer pages in recorder.Pages)
        {
            file.Write(place);
            file.Write(pages.Length);
            place += pages.Length;
        }

        file.Write(new byte[RoundUp(file.BaseStream.Position) - file.BaseStream.Position]);
        foreach (RingBuffer pages in recorder.Pages)
            pages.WriteTo(file);
    }

    private static long RoundUp(long position) =>
        (position + RingBuffer.PageSize - 1) / RingBuffer.PageSize * RingBuffer.PageSize;

    private static void WriteLong(BinaryWriter file, string text)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(text);
        file.Write((long)bytes.Length);
        file.Write(bytes);
    }

    private static void WriteShort(BinaryWriter file, string text)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(text);
        file.Write(bytes.Length);
        file.Write(bytes);
    }

    private sealed class Recorder(ExecutionTrace trace) : FtraceWalk(trace)
    {
        private readonly NumberTable<string> _functions = new();

        internal IReadOnlyList<RingBuffer> Pages { get; } = [.. trace.Start.Cpus.Select(_ => new RingBuffer())];

        internal IReadOnlyList<string> Functions => _functions.Values;

        /// <summary>The names of the tasks, by pid.</summary>
        internal string Commands =>
            string.Concat(Enumerable.Range(0, Tasks).Select(task => $"{Pid(task)} {Comm(task)}\n"));

        internal void Record() => Walk();

        // What is no function's stands at the name of the machine.
        protected override void Print(in FtraceMoment at, string function, string text)
        {
            byte[] line = Encoding.UTF8.GetBytes(text);
            line = [.. line.AsSpan(0, Math.Min(line.Length, TextMax)), (byte)'\n', 0];
            long address = FirstAddress
                + ((long)_functions.Of(function.Length > 0 ? function : "machine") * FunctionBytes);
            byte[] body = new byte[sizeof(long) + line.Length];
            BinaryPrimitives.WriteInt64LittleEndian(body, address);
            line.CopyTo(body.AsSpan(sizeof(long)));
            Add(at, PrintId, body);
        }

        protected override void Waking(in FtraceMoment at, int task, int cpu) =>
            Add(at, WakingId, [.. Name(task), .. Number(Pid(task)), .. Number(Priority), .. Number(cpu)]);

        protected override void Switch(in FtraceMoment at, int before, char state, int next)
        {
            int left = state switch { 'D' => 2, 'X' => 16, _ => 0 };
            Add(
                at,
                SwitchId,
                [
                    .. Name(before), .. Number(Pid(before)), .. Number(Priority), .. Number(left), .. Number(0),
                    .. Name(next), .. Number(Pid(next)), .. Number(Priority),
                ]);
        }

        private void Add(in FtraceMoment at, ushort id, byte[] body)
        {
            int flags = (at.IrqsOff ? 1 : 0) | (at.Interrupt switch { 'h' => 8, 's' => 16, _ => 0 });
            byte[] head = [.. BitConverter.GetBytes(id), (byte)flags, (byte)at.Depth, .. Number(Pid(at.Task))];
            Pages[at.Cpu].Add(at.Microseconds * 1000, [.. head, .. body]);
        }

        private static byte[] Name(int task)
        {
            byte[] name = new byte[CommLength];
            Encoding.ASCII.GetBytes(Comm(task), name);
            return name;
        }

        private static byte[] Number(int number)
        {
            byte[] bytes = new byte[sizeof(int)];
            BinaryPrimitives.WriteInt32LittleEndian(bytes, number);
            return bytes;
        }
    }
}
