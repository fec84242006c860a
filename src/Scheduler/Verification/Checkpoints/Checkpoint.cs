using System.IO.Hashing;
using System.Runtime.InteropServices;
using System.Text;
using Kmaplab.Scheduler.Detection;
using Kmaplab.Scheduler.Simulation;
using Kmaplab.Scheduler.Simulation.Memory;

namespace Kmaplab.Scheduler.Verification.Checkpoints;

/// <summary>
/// The file in which a search keeps what it has done, so that another process can go on with it after this one is gone.
/// </summary>
/// <param name="path">Where it is.</param>
/// <param name="identity">What is searched, by name and value: who differs in any of it cannot go on with it.</param>
public sealed class Checkpoint(string path, IReadOnlyList<(string Name, string Value)> identity) : IDisposable
{
    private FileStream? _lock;
    private bool _resumes;

    /// <summary>
    /// Whether it is time to keep what was done; asked by all threads of a search, again and again.
    /// </summary>
    public Func<bool> IsDue { get; init; } = () => false;

    /// <summary>Told when the file is about to be written; the search waits until it is.</summary>
    public Action Begins { get; init; } = () => { };

    /// <summary>Told when it was tried to write the file: why it could not be, or null.</summary>
    public Action<string?> Tried { get; init; } = _ => { };

    /// <summary>Wait for the disk, so that the file is there after a power failure, too.</summary>
    internal bool IsDurable { get; init; } = true;

    /// <summary>Where it is.</summary>
    public string FilePath => path;

    /// <summary>It has been written by this process, or is gone on with.</summary>
    public bool IsKept { get; private set; }

    /// <summary>What has been found to speak against reductions by searches that were done again.</summary>
    internal Obstacles Known { get; private set; }

    /// <summary>
    /// The next search goes on with what the file holds; it must be whole, and of the same machine and build.
    /// </summary>
    /// <exception cref="UsageException">It is not.</exception>
    public void Resume()
    {
        if (TakeLock() is { } problem)
            throw new UsageException(problem);

        using FileStream file = CheckpointFile.Open(path);
        using var reader = new BinaryReader(file);
        CheckIdentity(reader, identity);
        Known = new Obstacles(ReadText(reader), ReadText(reader), ReadText(reader));
        _resumes = true;
        IsKept = true;
    }

    /// <summary>The file is of no more use: there is an answer.</summary>
    public void Remove()
    {
        if (!IsKept)
            return;

        IsKept = false;
        File.Delete(path);
        File.Delete(path + CheckpointFile.PartOfName);
    }

    /// <inheritdoc/>
    public void Dispose() => _lock?.Dispose();

    /// <summary>What a search was given up for, so that whoever goes on need not begin with it.</summary>
    internal void Note(Obstacles found)
    {
        if (found == default)
            return;

        Known = found.After(Known);
        _resumes = false; // What was kept is of the search that was given up.
    }

    /// <summary>
    /// Reads what was kept, the first time after <see cref="Resume"/>; false if nothing was.
    /// </summary>
    internal bool TryLoad(IReadOnlyList<(string Name, string Value)> options, Action<BinaryReader> load)
    {
        if (!_resumes)
            return false;

        _resumes = false;
        using FileStream file = CheckpointFile.Open(path);
        using var reader = new BinaryReader(file);
        CheckIdentity(reader, identity);
        for (int i = 0; i < 3; i++)
            _ = ReadText(reader);

        CheckIdentity(reader, options);
        load(reader);
        return true;
    }

    /// <summary>Writes the file in the place of the one before.</summary>
    internal void Write(IReadOnlyList<(string Name, string Value)> options, Action<BinaryWriter> save)
    {
        Begins();
        string? problem = TakeLock() ?? CheckpointFile.TryWrite(path, IsDurable, writer =>
        {
            WriteIdentity(writer, identity);
            foreach (string? known in (string?[])[Known.ToFusion, Known.ToSymmetry, Known.ToCanonicalForms])
                writer.Write(known ?? "");

            WriteIdentity(writer, options);
            save(writer);
        });
        IsKept |= problem is null;
        Tried(problem);
    }

    /// <summary>What tells a machine from others, so far as it shows at boot.</summary>
    internal static string NameOf(MachineImage image)
    {
        var hash = new XxHash64();
        hash.Append(MemoryMarshal.AsBytes(image.Memory.AsSpan()));
        foreach (MemoryRegion region in image.Regions)
            hash.Append(Encoding.UTF8.GetBytes($"{region.Name} {region.Start} {region.Length}\n"));

        return $"{image.Contexts} contexts with {image.Memory.Length} words ({hash.GetCurrentHashAsUInt64():x16})";
    }

    /// <summary>A file that is well, and does not fit.</summary>
    internal UsageException Refusal(string why) => Refusal(path, why);

    private static UsageException Refusal(string path, string why) =>
        new($"{path} cannot be gone on with: {why}; leave out --resume to search anew");

    private string? TakeLock()
    {
        try
        {
            Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(path))!);
            _lock ??= new FileStream(
                path + ".lock", FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None, 1,
                FileOptions.DeleteOnClose);
            return null;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return File.Exists(path + ".lock")
                ? $"{path} is in use by another search: wait for it, or give this one another --out"
                : $"{path} cannot be kept: {exception.Message.TrimEnd('.')}";
        }
    }

    private void CheckIdentity(BinaryReader reader, IReadOnlyList<(string Name, string Value)> here)
    {
        int count = reader.ReadInt32();
        for (int i = 0; i < count; i++)
        {
            (string name, string value) = (reader.ReadString(), reader.ReadString());
            string expected = i < here.Count && here[i].Name == name ? here[i].Value : "nothing";
            if (value != expected)
                throw Refusal($"{name} is {value} there, and {expected} here");
        }

        if (count != here.Count)
            throw Refusal($"it does not say what {here[count].Name} is");
    }

    private static void WriteIdentity(BinaryWriter writer, IReadOnlyList<(string Name, string Value)> identity)
    {
        writer.Write(identity.Count);
        foreach ((string name, string value) in identity)
        {
            writer.Write(name);
            writer.Write(value);
        }
    }

    private static string? ReadText(BinaryReader reader) => reader.ReadString() is { Length: > 0 } text ? text : null;
}
