using System.Buffers.Text;

namespace Engine.Linux;

/// <summary>
/// The pages of the whole machine that are to be written to a device, and from how many on the kernel does so in the background
/// (<c>vm.dirty_background_ratio</c>, <c>vm.dirty_background_bytes</c>): /proc/vmstat, some thirty microseconds. Any thread.
/// </summary>
public static class DirtyPages
{
    private const string Source = "/proc/vmstat";
    private const int SourceBytesMax = 32 * 1024;

    /// <summary>Open for good, so that reading allocates nothing. Null where there is no /proc, or not for this user.</summary>
    private static readonly FileDescriptor? File = TryOpen();

    /// <summary>Reads both, in pages.</summary>
    /// <returns>False where the kernel does not tell them.</returns>
    public static bool TryRead(out long dirty, out long backgroundThreshold)
    {
        dirty = 0;
        backgroundThreshold = 0;
        if (File is null)
        {
            return false;
        }

        Span<byte> text = stackalloc byte[SourceBytesMax];
        try
        {
            text = text[..Files.ReadAt(File, text, 0)];
        }
        catch (LinuxException)
        {
            return false; // A kernel that does not tell this user.
        }

        return TryFind(text, "nr_dirty "u8, out dirty) && TryFind(text, "nr_dirty_background_threshold "u8, out backgroundThreshold);
    }

    private static FileDescriptor? TryOpen()
    {
        try
        {
            return Files.Open(Source, OpenFlags.ReadOnly);
        }
        catch (LinuxException)
        {
            return null;
        }
    }

    private static bool TryFind(ReadOnlySpan<byte> text, ReadOnlySpan<byte> name, out long pages)
    {
        pages = 0;
        int at = text.IndexOf(name);
        return at >= 0 && Utf8Parser.TryParse(text[(at + name.Length)..], out pages, out _);
    }
}
