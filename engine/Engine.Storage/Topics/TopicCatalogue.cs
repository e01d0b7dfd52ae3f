using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using Engine.Linux;

namespace Engine.Storage;

/// <summary>One topic as the catalogue keeps it.</summary>
internal sealed record TopicEntry(string Name, Guid Id, int Partitions, SortedDictionary<string, string> Config);

/// <summary>The catalogue's document.</summary>
internal sealed record TopicEntries(int Version, IReadOnlyList<TopicEntry> Topics);

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    RespectNullableAnnotations = true,
    RespectRequiredConstructorParameters = true,
    WriteIndented = true)]
[JsonSerializable(typeof(TopicEntries))]
internal sealed partial class CatalogueJson : JsonSerializerContext;

/// <summary>
/// What the folders of partitions do not say of their topics: id, number of partitions, settings. One small file, replaced whole:
/// after any crash it is the old or the new one.
/// </summary>
internal sealed class TopicCatalogue(string dataDirectory)
{
    internal const string FileName = "topics.json";
    internal const string TemporaryFileName = FileName + ".tmp";

    private const int Version = 1;

    private readonly string _path = Path.Combine(dataDirectory, FileName);
    private readonly string _temporaryPath = Path.Combine(dataDirectory, TemporaryFileName);

    /// <summary>Reads the file; without one there are no topics.</summary>
    /// <exception cref="DataDirectoryException">The file cannot be understood.</exception>
    internal IReadOnlyList<TopicEntry> Load()
    {
        Files.Remove(_temporaryPath);
        if (!File.Exists(_path))
        {
            return [];
        }

        using FileDescriptor file = Files.Open(_path, OpenFlags.ReadOnly);
        byte[] bytes = new byte[Files.Length(file)];
        Files.ReadAt(file, bytes, 0);
        try
        {
            TopicEntries entries = JsonSerializer.Deserialize(bytes, CatalogueJson.Default.TopicEntries)
                ?? throw new JsonException("the document is null");
            return entries.Version == Version
                ? Validated(entries.Topics)
                : throw new JsonException($"version {entries.Version}, this engine knows version {Version}");
        }
        catch (JsonException e)
        {
            throw new DataDirectoryException($"{_path}: {e.Message.ReplaceLineEndings(" ")}");
        }
    }

    /// <summary>Replaces the file, and waits until the device has it.</summary>
    internal void Save(IReadOnlyList<TopicEntry> topics)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(
            JsonSerializer.Serialize(new TopicEntries(Version, topics), CatalogueJson.Default.TopicEntries) + "\n");
        Files.Replace(_path, _temporaryPath, bytes);
    }

    private static IReadOnlyList<TopicEntry> Validated(IReadOnlyList<TopicEntry> topics)
    {
        HashSet<string> names = [];
        foreach (TopicEntry topic in topics)
        {
            string? fault = TopicName.Validate(topic.Name)
                ?? (topic.Partitions < 1 ? $"topic {topic.Name} has {topic.Partitions} partitions" : null)
                ?? (names.Add(topic.Name) ? null : $"topic {topic.Name} is there twice");
            if (fault is not null)
            {
                throw new JsonException(fault);
            }
        }

        return topics;
    }
}
