using Engine.Linux;

namespace Harness.Measure;

/// <summary>
/// The file that the disk is measured on, opened both ways. It loses its name as soon as it is open: however the process ends, the kernel takes the space
/// back. Written through once before anything is counted, so that every block is allocated and has data of its own (nothing is read from holes, and no
/// counted write allocates).
/// </summary>
internal sealed class ProbeFile : IDisposable
{
    private ProbeFile(FileDescriptor buffered, FileDescriptor? direct, string? whyNotDirect)
    {
        Buffered = buffered;
        Direct = direct;
        WhyNotDirect = whyNotDirect;
    }

    internal FileDescriptor Buffered { get; }

    /// <summary>Null where the filesystem knows no direct transfers.</summary>
    internal FileDescriptor? Direct { get; }

    internal string? WhyNotDirect { get; }

    internal static ProbeFile Create(string directory, long bytes, AlignedBuffer fill, CancellationToken cancel)
    {
        string path = Path.Combine(directory, $"disk-probe-{Environment.ProcessId}-{Guid.NewGuid():N}");
        FileDescriptor buffered = Files.Open(path, OpenFlags.ReadWrite | OpenFlags.Create | OpenFlags.Exclusive);
        FileDescriptor? direct = null;
        string? why = null;
        try
        {
            try
            {
                direct = OpenDirect(directory, path, fill, out why);
            }
            finally
            {
                Files.Remove(path);
            }

            for (long at = 0; at < bytes; at += fill.Span.Length)
            {
                cancel.ThrowIfCancellationRequested();
                Files.WriteAt(direct ?? buffered, fill.Span[..(int)Math.Min(fill.Span.Length, bytes - at)], at);
            }

            Files.Sync(buffered);
            return new ProbeFile(buffered, direct, why);
        }
        catch (LinuxException full) when (full.Error is Errno.ENOSPC or Errno.EDQUOT)
        {
            Close();
            throw new LinuxException("write", full.Error, $"the disk probe's file of {bytes / 1_000_000} MB");
        }
        catch
        {
            Close();
            throw;
        }

        void Close()
        {
            direct?.Dispose();
            buffered.Dispose();
        }
    }

    public void Dispose()
    {
        Direct?.Dispose();
        Buffered.Dispose();
    }

    /// <summary>
    /// A filesystem may refuse to open so, or only to transfer so: both are asked. One in memory may agree to both since Linux 6.6, and has nothing that a
    /// transfer could be direct to.
    /// </summary>
    private static FileDescriptor? OpenDirect(string directory, string path, AlignedBuffer fill, out string? why)
    {
        string format = new DriveInfo(directory).DriveFormat;
        if (format is "tmpfs" or "ramfs")
        {
            why = $"{format} lies in memory";
            return null;
        }

        FileDescriptor? opened = null;
        try
        {
            opened = Files.Open(path, OpenFlags.ReadWrite | OpenFlags.Direct);
            Files.WriteAt(opened, fill.Span[..AlignedBuffer.Alignment], 0);
            why = null;
            return opened;
        }
        catch (LinuxException refused) when (refused.Error is Errno.EINVAL or Errno.EOPNOTSUPP)
        {
            opened?.Dispose();
            why = "the filesystem knows no direct transfers (O_DIRECT)";
            return null;
        }
        catch
        {
            opened?.Dispose();
            throw;
        }
    }
}
