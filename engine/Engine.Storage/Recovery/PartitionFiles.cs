using System.Globalization;
using Engine.Linux;

namespace Engine.Storage;

/// <summary>What lies in the folder of a partition. Belongs to the thread that opens the data directory.</summary>
internal static class PartitionFiles
{
    private const int BaseOffsetDigits = 20;

    /// <summary>What Kafka puts behind the names of files it is about to remove.</summary>
    internal const string DeletedSuffix = ".deleted";

    private static readonly string[] IndexSuffixes = [LogSegment.IndexSuffix, LogSegment.TimeIndexSuffix];

    /// <summary>Kafka's other files of a partition: nothing is said about them.</summary>
    private static readonly string[] KafkaFiles =
        [".txnindex", ProducerSnapshotFiles.Suffix, "leader-epoch-checkpoint", "partition.metadata"];

    /// <summary>
    /// The base offsets of the segments, in order. Indexes without a log and what was being deleted are removed; what is nobody's is left
    /// alone; all of it is said.
    /// </summary>
    internal static List<long> ListSegments(string directory, string name, Action<string> log)
    {
        List<long> baseOffsets = [];
        List<string> indexes = [];
        foreach (string path in Directory.EnumerateFileSystemEntries(directory))
        {
            string file = Path.GetFileName(path);
            string suffix = Path.GetExtension(file);
            if (suffix == LogSegment.LogSuffix && TryBaseOffset(file, out long baseOffset))
            {
                baseOffsets.Add(baseOffset);
            }
            else if (IndexSuffixes.Contains(suffix) && TryBaseOffset(file, out _))
            {
                indexes.Add(path);
            }
            else if (suffix == DeletedSuffix)
            {
                log($"{name}: {file} was being deleted; removed");
                Files.Remove(path);
            }
            else if (!Array.Exists(KafkaFiles, known => file.EndsWith(known, StringComparison.Ordinal)))
            {
                log($"{name}: {file} is not a file of a log; left alone");
            }
        }

        foreach (string index in indexes)
        {
            if (!File.Exists(Path.ChangeExtension(index, LogSegment.LogSuffix)))
            {
                log($"{name}: {Path.GetFileName(index)} belongs to no segment; removed");
                Files.Remove(index);
            }
        }

        baseOffsets.Sort();
        return baseOffsets;
    }

    internal static void RemoveSegment(string directory, long baseOffset)
    {
        string path = LogSegment.LogPath(directory, baseOffset);
        Files.Remove(path);
        foreach (string suffix in IndexSuffixes)
        {
            Files.Remove(Path.ChangeExtension(path, suffix));
        }
    }

    private static bool TryBaseOffset(string file, out long baseOffset)
    {
        baseOffset = 0;
        ReadOnlySpan<char> digits = Path.GetFileNameWithoutExtension(file.AsSpan());
        return digits.Length == BaseOffsetDigits
            && long.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out baseOffset);
    }
}
