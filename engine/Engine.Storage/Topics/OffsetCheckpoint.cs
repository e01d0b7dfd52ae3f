using System.Globalization;
using System.Text;
using Engine.Linux;

namespace Engine.Storage;

/// <summary>
/// A file with an offset of each log, in Kafka's format: a line with the version, one with the number of entries, then
/// <c>topic partition offset</c> a line. Small, and replaced whole.
/// </summary>
/// <param name="ifPassedOver">What follows when the file cannot be understood.</param>
/// <param name="isSynced">What was saved survives the loss of power, and not the death of the process alone.</param>
internal sealed class OffsetCheckpoint(string dataDirectory, string fileName, string ifPassedOver, bool isSynced = true)
{
    private const string TemporarySuffix = ".tmp";
    private const int Version = 0;
    private const int HeaderLines = 2;

    /// <summary>More than a hundred million entries take; a larger file is not a checkpoint.</summary>
    private const long FileBytesMax = 1L << 30;

    private readonly string _path = Path.Combine(dataDirectory, fileName);

    /// <summary>The topics that the file on the disk knows.</summary>
    private HashSet<string> _topics = [];

    /// <summary>The offsets by topic and partition. A file that cannot be understood is passed over, and said so. (Kafka: the same.)</summary>
    internal Dictionary<(string Topic, int Partition), long> Load(Action<string> log)
    {
        Files.Remove(_path + TemporarySuffix);
        if (!File.Exists(_path))
        {
            return [];
        }

        using FileDescriptor file = Files.Open(_path, OpenFlags.ReadOnly);
        long length = Files.Length(file);
        string fault = $"{length} bytes are too many";
        if (length <= FileBytesMax)
        {
            byte[] bytes = new byte[length];
            string text = Encoding.UTF8.GetString(bytes, 0, Files.ReadAt(file, bytes, 0));
            if (TryParse(text, out Dictionary<(string Topic, int Partition), long> offsets, out fault))
            {
                _topics = [.. offsets.Keys.Select(log => log.Topic)];
                return offsets;
            }
        }

        log($"{fileName} is passed over: {fault}; {ifPassedOver}");
        return [];
    }

    /// <summary>True when the file holds an entry of a topic of that name.</summary>
    internal bool Knows(string topic) => _topics.Contains(topic);

    /// <exception cref="LinuxException">It could not be written; the file is as it was.</exception>
    internal void Save(IReadOnlyCollection<(string Topic, int Partition, long Offset)> offsets)
    {
        StringBuilder text = new();
        text.Append(CultureInfo.InvariantCulture, $"{Version}\n{offsets.Count}\n");
        foreach ((string topic, int partition, long offset) in offsets)
        {
            text.Append(CultureInfo.InvariantCulture, $"{topic} {partition} {offset}\n");
        }

        Files.Replace(_path, _path + TemporarySuffix, Encoding.UTF8.GetBytes(text.ToString()), isSynced);
        _topics = [.. offsets.Select(o => o.Topic)];
    }

    /// <summary>Removes the file.</summary>
    internal void Remove()
    {
        Files.Remove(_path);
        _topics = [];
    }

    private static bool TryParse(string text, out Dictionary<(string Topic, int Partition), long> offsets, out string fault)
    {
        offsets = [];
        string[] lines = text.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        fault = "it does not begin with a version and a number of entries";
        if (lines.Length < HeaderLines || !TryNumber(lines[0], out long version) || !TryNumber(lines[1], out long count))
        {
            return false;
        }

        if (version != Version || count != lines.Length - HeaderLines)
        {
            fault = version != Version
                ? $"version {version}, this engine knows version {Version}"
                : $"it has {lines.Length - HeaderLines} entries and says {count}";
            return false;
        }

        foreach (string line in lines.AsSpan(HeaderLines))
        {
            string[] fields = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
            if (fields.Length != 3 || !int.TryParse(fields[1], NumberStyles.None, CultureInfo.InvariantCulture, out int partition)
                || !TryNumber(fields[2], out long offset))
            {
                fault = $"'{line}' is not a topic, a partition and an offset";
                return false;
            }

            offsets[(fields[0], partition)] = offset;
        }

        return true;
    }

    private static bool TryNumber(string text, out long number) =>
        long.TryParse(text.AsSpan().TrimEnd(), NumberStyles.None, CultureInfo.InvariantCulture, out number);
}
