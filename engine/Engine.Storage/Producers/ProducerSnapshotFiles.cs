using System.Globalization;
using Engine.Linux;

namespace Engine.Storage;

/// <summary>
/// The snapshots in a partition's folder, each named by the offset up to which it knows the producers. One goes with every segment, at its base
/// offset: it holds those whose batches retention has taken, and goes with its segment. One is written at the log's end by a clean stop, so that
/// the next start need not read the log. (Kafka: the same names, at the same moments.)
/// </summary>
internal static class ProducerSnapshotFiles
{
    internal const string Suffix = ".snapshot";

    /// <summary>More than <see cref="ProducerLimits.DefaultProducersMax"/> take; a larger file is not this engine's or Kafka's.</summary>
    private const long FileBytesMax = 256 << 20;

    internal static string PathOf(string directory, long offset) =>
        Path.Combine(directory, offset.ToString("D20", CultureInfo.InvariantCulture) + Suffix);

    /// <summary>Offsets of all snapshots of a folder, the highest first.</summary>
    internal static List<long> List(string directory)
    {
        List<long> offsets = [];
        foreach (string path in Directory.EnumerateFiles(directory, "*" + Suffix))
        {
            if (long.TryParse(Path.GetFileNameWithoutExtension(path.AsSpan()), NumberStyles.None, CultureInfo.InvariantCulture, out long offset))
            {
                offsets.Add(offset);
            }
        }

        offsets.Sort((a, b) => b.CompareTo(a));
        return offsets;
    }

    /// <summary>Written without waiting for the device, like the log itself; the checksum tells when it is not whole.</summary>
    /// <exception cref="LinuxException">It could not be written; nothing of it stays.</exception>
    internal static void Write(string directory, long offset, ReadOnlySpan<byte> bytes)
    {
        string path = PathOf(directory, offset);
        using FileDescriptor file = Files.Open(path, OpenFlags.WriteOnly | OpenFlags.Create | OpenFlags.Truncate);
        try
        {
            Files.WriteAt(file, bytes, 0);
        }
        catch (LinuxException)
        {
            Files.Remove(path);
            throw;
        }
    }

    /// <summary>That of a clean stop. What is neither it nor a segment's goes.</summary>
    internal static void WriteLast(string directory, long endOffset, IReadOnlyCollection<ProducerState> producers, LogSegment[] segments)
    {
        if (endOffset > 0)
        {
            Write(directory, endOffset, ProducerSnapshot.Encode(producers));
            RemoveOthers(directory, [.. segments.Select(s => s.BaseOffset), endOffset]);
        }
    }

    /// <summary>Reads a snapshot; null, after saying why and removing it, when it is damaged.</summary>
    internal static List<ProducerState>? Read(string directory, long offset, Action<string> log)
    {
        string path = PathOf(directory, offset);
        string? fault;
        using (FileDescriptor file = Files.Open(path, OpenFlags.ReadOnly))
        {
            long length = Files.Length(file);
            if (length > FileBytesMax)
            {
                fault = $"{length} bytes are too many";
            }
            else
            {
                byte[] bytes = new byte[length];
                int read = Files.ReadAt(file, bytes, 0);
                if (ProducerSnapshot.TryDecode(bytes.AsSpan(0, read), out List<ProducerState>? producers, out fault))
                {
                    return producers;
                }
            }
        }

        log($"{Path.GetFileName(directory)}: {Path.GetFileName(path)} is damaged: {fault}; removed");
        Files.Remove(path);
        return null;
    }

    /// <summary>Removes all snapshots but those to be kept.</summary>
    internal static void RemoveOthers(string directory, HashSet<long> kept)
    {
        foreach (long offset in List(directory))
        {
            if (!kept.Contains(offset))
            {
                Files.Remove(PathOf(directory, offset));
            }
        }
    }
}
