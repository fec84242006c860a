using System.Buffers.Binary;
using System.Runtime.InteropServices;

namespace Kmaplab.Scheduler.Schedules;

/// <summary>
/// Tells files from pipes, sockets and devices without opening them: to open a pipe may take for ever.
/// </summary>
public static partial class FileKind
{
    private const int CurrentFolder = -100; // AT_FDCWD
    private const uint TypeAndMode = 3; // STATX_TYPE | STATX_MODE
    private const int StatxBytes = 256;
    private const int ModeOffset = 28; // stx_mode; the layout is the same on every architecture.
    private const int TypeMask = 0xf000; // S_IFMT
    private const int RegularFile = 0x8000; // S_IFREG

    /// <summary>Whether a path leads to an ordinary file. Where that cannot be asked, whatever exists is one.</summary>
    public static bool IsRegular(string path)
    {
        if (!OperatingSystem.IsLinux())
            return File.Exists(path);

        Span<byte> status = stackalloc byte[StatxBytes];
        if (Statx(CurrentFolder, path, 0, TypeAndMode, status) != 0)
            return File.Exists(path);

        ushort mode = BitConverter.IsLittleEndian
            ? BinaryPrimitives.ReadUInt16LittleEndian(status[ModeOffset..])
            : BinaryPrimitives.ReadUInt16BigEndian(status[ModeOffset..]);
        return (mode & TypeMask) == RegularFile;
    }

    [LibraryImport("libc", EntryPoint = "statx", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Statx(int folder, string path, int flags, uint mask, Span<byte> status);
}
