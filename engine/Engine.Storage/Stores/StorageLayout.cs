using Engine.Linux;

namespace Engine.Storage;

/// <summary>
/// Sees to it that a data directory is read as it was written. One of scattered logs says so in a file; one without the file is sequential, as Kafka's
/// are. Whether a log went through the page cache leaves no trace in its bytes, so that is free to change with every start.
/// </summary>
internal static class StorageLayout
{
    internal const string FileName = "storage.layout";

    private const string Scattered = "log=scattered\n";

    /// <exception cref="DataDirectoryException">It was written in another way, or its filesystem cannot do what is asked.</exception>
    internal static void Check(string dataDirectory, StorageTechniques techniques)
    {
        string path = Path.Combine(dataDirectory, FileName);
        bool isScattered = File.Exists(path);
        if (isScattered && File.ReadAllText(path) != Scattered)
        {
            throw new DataDirectoryException($"{path}: not written by this engine");
        }

        if (isScattered && techniques.Log == LogTechnique.Sequential)
        {
            throw new DataDirectoryException($"{dataDirectory}: written with technique.log=scattered, and cannot be opened with technique.log=sequential");
        }

        if (techniques.Cache == CacheTechnique.Direct)
        {
            CheckDirect(dataDirectory);
        }

        if (!isScattered && techniques.Log == LogTechnique.Scattered)
        {
            if (Directory.EnumerateDirectories(dataDirectory).Any())
            {
                throw new DataDirectoryException(
                    $"{dataDirectory}: written with technique.log=sequential, and cannot be opened with technique.log=scattered");
            }

            Files.Replace(path, path + ".tmp", System.Text.Encoding.ASCII.GetBytes(Scattered));
        }
    }

    /// <summary>
    /// Writes a block past the page cache and reads it again. A filesystem in memory takes the flag since Linux 6.6 and keeps the block in the page
    /// cache all the same: that is no device either.
    /// </summary>
    private static void CheckDirect(string dataDirectory)
    {
        string probe = Path.Combine(dataDirectory, ".direct-probe");
        AlignedBuffer buffer = AlignedBuffers.Rent();
        try
        {
            Span<byte> block = buffer.Span[..AlignedBuffer.BlockBytes];
            block.Clear();
            using FileDescriptor file = Files.Open(probe, OpenFlags.ReadWrite | OpenFlags.Create | OpenFlags.Truncate | OpenFlags.Direct);
            Files.WriteAt(file, block, 0);
            using FileDescriptor cached = Files.Open(probe, OpenFlags.ReadOnly);
            if (Files.ReadBlocksAt(file, block, 0) < block.Length || PageCache.IsResident(cached, 0, block.Length)
                || new DriveInfo(dataDirectory).DriveFormat is "tmpfs" or "ramfs")
            {
                throw Refused(dataDirectory, "it keeps its files in the page cache");
            }
        }
        catch (LinuxException e) when (e.Error is Errno.EINVAL or Errno.EOPNOTSUPP)
        {
            throw Refused(dataDirectory, e.Message);
        }
        finally
        {
            AlignedBuffers.Return(buffer);
            Files.Remove(probe);
        }
    }

    private static DataDirectoryException Refused(string dataDirectory, string why) => new(
        $"{dataDirectory}: technique.cache=direct needs a filesystem with O_DIRECT, and this one ({new DriveInfo(dataDirectory).DriveFormat}) has none: {why}");
}
