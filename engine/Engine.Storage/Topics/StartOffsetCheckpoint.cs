using System.Globalization;
using System.Text;
using Engine.Linux;

namespace Engine.Storage;

/// <summary>
/// Where the logs start whose first segment still holds deleted records, under Kafka's name and in its format: a line with the
/// version, one with the number of entries, then <c>topic partition offset</c> a line. One small file, replaced whole. It is not
/// synced, as nothing that is acknowledged here is: it survives the death of the process.
/// </summary>
internal sealed class StartOffsetCheckpoint(string dataDirectory)
{
    internal const string FileName = "log-start-offset-checkpoint";

    private const string TemporarySuffix = ".tmp";
    private const int Version = 0;
    private const int HeaderLines = 2;

    private readonly string _path = Path.Combine(dataDirectory, FileName);

    /// <summary>The start offsets by topic and partition. A file that is not in the format is passed over, and said so.</summary>
    internal IReadOnlyDictionary<(string Topic, int Partition), long> Load(Action<string> log)
    {
        Files.Remove(_path + TemporarySuffix);
        if (!File.Exists(_path))
        {
            return new Dictionary<(string, int), long>();
        }

        using FileDescriptor file = Files.Open(_path, OpenFlags.ReadOnly);
        byte[] bytes = new byte[Files.Length(file)];
        Files.ReadAt(file, bytes, 0);
        if (TryParse(Encoding.UTF8.GetString(bytes), out Dictionary<(string Topic, int Partition), long> offsets))
        {
            return offsets;
        }

        log($"{FileName} is not a checkpoint of offsets; logs start with their first segment, deleted records in it come back");
        return new Dictionary<(string, int), long>();
    }

    /// <summary>Has the logs start where they did in the earlier run.</summary>
    internal static void Restore(IReadOnlyDictionary<(string Topic, int Partition), long> offsets, TopicMap topics)
    {
        foreach (((string topic, int partition), long offset) in offsets)
        {
            if (topics.TryGet(topic, out Topic? known) && known.Partition(partition) is { } log)
            {
                log.RestoreStart(offset);
            }
        }
    }

    /// <summary>Writes down where logs start that do not say so by their first file.</summary>
    internal void Save(TopicMap topics)
    {
        List<(string Topic, int Partition, long Offset)> offsets =
            [.. from topic in topics.All
                from numbered in topic.Logs.Index()
                where numbered.Item.StartsInsideSegment
                select (topic.Name, numbered.Index, numbered.Item.StartOffset)];
        StringBuilder text = new();
        text.Append(CultureInfo.InvariantCulture, $"{Version}\n{offsets.Count}\n");
        foreach ((string topic, int partition, long offset) in offsets)
        {
            text.Append(CultureInfo.InvariantCulture, $"{topic} {partition} {offset}\n");
        }

        try
        {
            using (FileDescriptor file = Files.Open(
                _path + TemporarySuffix, OpenFlags.WriteOnly | OpenFlags.Create | OpenFlags.Truncate))
            {
                Files.WriteAt(file, Encoding.UTF8.GetBytes(text.ToString()), 0);
            }

            Files.Rename(_path + TemporarySuffix, _path);
        }
        catch (LinuxException e)
        {
            Files.Remove(_path + TemporarySuffix);
            throw new LinuxException("write", e.Error, _path);
        }
    }

    /// <summary>The same where nobody waits for it: what failed is said.</summary>
    internal void TrySave(TopicMap topics, Action<string> log)
    {
        try
        {
            Save(topics);
        }
        catch (LinuxException e)
        {
            log($"start offsets are out of date: {e.Message}");
        }
    }

    private static bool TryParse(string text, out Dictionary<(string Topic, int Partition), long> offsets)
    {
        offsets = [];
        string[] lines = text.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        if (lines.Length < HeaderLines || !IsNumber(lines[0], Version) || !IsNumber(lines[1], lines.Length - HeaderLines))
        {
            return false;
        }

        foreach (string line in lines.AsSpan(HeaderLines))
        {
            string[] fields = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
            if (fields.Length != 3
                || !int.TryParse(fields[1], NumberStyles.None, CultureInfo.InvariantCulture, out int partition)
                || !long.TryParse(fields[2], NumberStyles.None, CultureInfo.InvariantCulture, out long offset))
            {
                return false;
            }

            offsets[(fields[0], partition)] = offset;
        }

        return true;
    }

    private static bool IsNumber(string line, int expected) =>
        int.TryParse(line, NumberStyles.AllowTrailingWhite, CultureInfo.InvariantCulture, out int number) && number == expected;
}
