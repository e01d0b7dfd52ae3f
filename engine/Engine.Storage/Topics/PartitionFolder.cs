using System.Globalization;

namespace Engine.Storage;

/// <summary>
/// Names of the folders of partitions: <c>topic-7</c>, and <c>topic-7.ID-delete</c> while one is being deleted. Kafka's ID is any
/// unique one; here it is the topic's, so that a start can tell a deletion that was interrupted from one that was followed by a new
/// topic of the same name.
/// </summary>
internal static class PartitionFolder
{
    private const string DeleteSuffix = "-delete";
    private const int IdDigits = 32;
    private const int FileNameMax = 255;

    internal static string Name(string topic, int partition) => $"{topic}-{partition.ToString(CultureInfo.InvariantCulture)}";

    /// <summary>The name for deletion; a long topic name is cut, for the id says whose it was.</summary>
    internal static string DeletedName(string topic, int partition, Guid id)
    {
        string suffix = $"-{partition.ToString(CultureInfo.InvariantCulture)}.{id:N}{DeleteSuffix}";
        return string.Concat(topic.AsSpan(0, Math.Min(topic.Length, FileNameMax - suffix.Length)), suffix);
    }

    internal static bool TryParse(string folder, out string topic, out int partition)
    {
        int dash = folder.LastIndexOf('-');
        topic = dash > 0 ? folder[..dash] : "";
        partition = -1;
        ReadOnlySpan<char> digits = folder.AsSpan(dash + 1);
        return TopicName.Validate(topic) is null
            && int.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out partition)
            && (digits.Length == 1 || digits[0] != '0');
    }

    internal static bool TryParseDeleted(string folder, out Guid id)
    {
        id = Guid.Empty;
        int idAt = folder.Length - DeleteSuffix.Length - IdDigits;
        return idAt > 1
            && folder.EndsWith(DeleteSuffix, StringComparison.Ordinal)
            && folder[idAt - 1] == '.'
            && Guid.TryParseExact(folder.AsSpan(idAt, IdDigits), "N", out id);
    }
}
