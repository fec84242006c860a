using System.IO.Compression;
using System.Text;
using Kmaplab.Stress.Conformance;
using Kmaplab.Stress.Conformance.Format;

namespace Kmaplab.Stress.Tests.Conformance;

public sealed class TraceFilesTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("traces").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void A_folder_stands_for_its_traces_in_the_order_of_their_names()
    {
        foreach (string name in (string[])["b.jsonl", "a.jsonl.gz", "B.jsonl", "notes.md", "c.json"])
            File.WriteAllText(Path.Combine(_folder, name), "");

        Assert.Equal(["B.jsonl", "a.jsonl.gz", "b.jsonl"], TraceFiles.Find(_folder).Select(Path.GetFileName));
    }

    [Fact]
    public void A_file_stands_for_itself()
    {
        string file = Write("any.name", Encoding.UTF8.GetBytes(TraceSamples.Coarse));
        Assert.Equal([file], TraceFiles.Find(file));
    }

    [Fact]
    public void A_path_without_traces_is_refused()
    {
        string missing = Path.Combine(_folder, "missing.jsonl");
        var empty = Assert.Throws<TraceFormatException>(() => TraceFiles.Find(_folder));
        var notFound = Assert.Throws<TraceFormatException>(() => TraceFiles.Find(missing));
        var notOpened = Assert.Throws<TraceFormatException>(() => TraceReader.Open(missing));
        Assert.Equal("the folder has no .jsonl or .jsonl.gz file", empty.Reason);
        Assert.Equal($"{missing}: no such file or folder", notFound.Message);
        Assert.StartsWith("cannot be read: ", notOpened.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void A_trace_reads_the_same_plain_and_compressed()
    {
        byte[] text = Encoding.UTF8.GetBytes(TraceSamples.Coarse);
        using TraceReader plain = TraceReader.Open(Write("t.jsonl", text));
        using TraceReader packed = TraceReader.Open(Write("t.jsonl.gz", Compress(text)));
        Assert.Equal(TraceSamples.Steps(plain), TraceSamples.Steps(packed));
        Assert.Equal(plain.End, packed.End);
    }

    [Fact]
    public void Every_cut_of_a_compressed_file_is_noticed()
    {
        byte[] whole = Compress(Encoding.UTF8.GetBytes(TraceSamples.Atomic));
        for (int length = 0; length < whole.Length; length++)
            Refused(whole[..length]);
    }

    [Fact]
    public void A_compressed_file_with_something_behind_it_is_refused()
    {
        byte[] whole = Compress(Encoding.UTF8.GetBytes(TraceSamples.Atomic));
        Assert.Contains("something follows", Refused([.. whole, 1, 2, 3, 4, 5]).Reason);
    }

    [Fact]
    public void A_compressed_file_with_a_wrong_checksum_is_refused()
    {
        byte[] whole = Compress(Encoding.UTF8.GetBytes(TraceSamples.Atomic));
        whole[^5] ^= 1;
        Assert.Equal("gzip data is broken", Refused(whole).Reason);
    }

    [Fact]
    public void Text_under_a_compressed_name_is_refused()
        => Assert.Equal("gzip data is broken", Refused(Encoding.UTF8.GetBytes(TraceSamples.Atomic)).Reason);

    [Fact]
    public void A_file_is_compressed_if_its_name_says_so()
    {
        foreach (string name in (string[])["t.jsonl", "t.jsonl.gz"])
        {
            string file = Path.Combine(_folder, name);
            TraceFiles.WriteWhole(file, stream =>
            {
                using (stream)
                    stream.Write(Encoding.UTF8.GetBytes(TraceSamples.Coarse));
            });

            using TraceReader reader = TraceReader.Open(file);
            Assert.Equal(4, TraceSamples.Steps(reader).Count);
        }

        Assert.Equal(0x1f, File.ReadAllBytes(Path.Combine(_folder, "t.jsonl.gz"))[0]);
    }

    private TraceFormatException Refused(byte[] packed)
    {
        string file = Write("t.jsonl.gz", packed);
        return Assert.Throws<TraceFormatException>(() => TraceSamples.ReadAll(TraceReader.Open(file)));
    }

    private string Write(string name, byte[] content)
    {
        string file = Path.Combine(_folder, name);
        File.WriteAllBytes(file, content);
        return file;
    }

    private static byte[] Compress(byte[] text)
    {
        var packed = new MemoryStream();
        using (var gzip = new GZipStream(packed, CompressionLevel.Optimal))
            gzip.Write(text);

        return packed.ToArray();
    }
}
