using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using Engine.Linux;

namespace Engine.Storage;

/// <summary>The allocator's document.</summary>
internal sealed record ProducerIdBlocks(int Version, long NextProducerId);

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    RespectRequiredConstructorParameters = true)]
[JsonSerializable(typeof(ProducerIdBlocks))]
internal sealed partial class ProducerIdJson : JsonSerializerContext;

/// <summary>
/// Hands out producer ids, each once in the life of a data directory. They are taken in blocks of a thousand, as Kafka's controller gives them: a
/// block is written down, and on the device, before the first id of it is given, so that a crash loses ids but never gives one twice.
/// <para>
/// The next block is written down by the housekeeper while half of the present one is left, so that no loop waits for the device unless five
/// hundred producers come at once.
/// </para>
/// </summary>
public sealed class ProducerIdAllocator
{
    internal const string FileName = "producer-ids.json";
    internal const string TemporaryFileName = FileName + ".tmp";
    internal const int BlockIds = 1000;

    private const int Version = 1;
    private const int FileBytesMax = 4096;

    private readonly Lock _lock = new();

    /// <summary>Taken before <see cref="_lock"/>, and held while the device is waited for; that one never is.</summary>
    private readonly Lock _reserving = new();
    private readonly string _directory;
    private readonly Housekeeper _housekeeper;
    private long _next;

    /// <summary>The first id that is not written down yet.</summary>
    private long _reservedEnd;
    private bool _asked;

    private ProducerIdAllocator(string directory, long next, Housekeeper housekeeper)
    {
        _directory = directory;
        _next = next;
        _reservedEnd = next;
        _housekeeper = housekeeper;
    }

    /// <summary>An id that nobody has had.</summary>
    /// <exception cref="LinuxException">No block could be written down.</exception>
    public long Next()
    {
        while (true)
        {
            lock (_lock)
            {
                if (_next < _reservedEnd)
                {
                    if (!_asked && _reservedEnd - _next <= BlockIds / 2)
                    {
                        _asked = true;
                        _housekeeper.Post(new Chore(ChoreKind.ReserveProducerIds, null, Ids: this));
                    }

                    return _next++;
                }
            }

            Reserve(onlyWhenEmpty: true);
        }
    }

    /// <summary>Reads what has been given, if anything.</summary>
    /// <param name="above">An id that is known to have been given; with Kafka's directories that is all that is known.</param>
    /// <exception cref="DataDirectoryException">The file cannot be understood.</exception>
    internal static ProducerIdAllocator Open(string directory, long above, Housekeeper housekeeper)
    {
        Files.Remove(Path.Combine(directory, TemporaryFileName));
        string path = Path.Combine(directory, FileName);
        long next = 0;
        if (File.Exists(path))
        {
            using FileDescriptor file = Files.Open(path, OpenFlags.ReadOnly);
            byte[] bytes = new byte[FileBytesMax];
            try
            {
                ProducerIdBlocks? blocks = JsonSerializer.Deserialize(
                    bytes.AsSpan(0, Files.ReadAt(file, bytes, 0)), ProducerIdJson.Default.ProducerIdBlocks);
                next = blocks is { Version: Version, NextProducerId: >= 0 }
                    ? blocks.NextProducerId
                    : throw new JsonException("not a version or a number that this engine writes");
            }
            catch (JsonException e)
            {
                throw new DataDirectoryException($"{path}: {e.Message.ReplaceLineEndings(" ")}");
            }
        }

        return new ProducerIdAllocator(directory, Math.Max(next, above + 1), housekeeper);
    }

    /// <summary>Writes the next block down. The housekeeper's, or a caller's who found none left.</summary>
    internal void Reserve(bool onlyWhenEmpty)
    {
        lock (_reserving)
        {
            long end;
            lock (_lock)
            {
                _asked = false;
                if (_reservedEnd - _next > (onlyWhenEmpty ? 0 : BlockIds / 2))
                {
                    return;
                }

                end = checked(_reservedEnd + BlockIds);
            }

            Save(end);
            lock (_lock)
            {
                _reservedEnd = end;
            }
        }
    }

    private void Save(long next)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(
            JsonSerializer.Serialize(new ProducerIdBlocks(Version, next), ProducerIdJson.Default.ProducerIdBlocks) + "\n");
        Files.Replace(Path.Combine(_directory, FileName), Path.Combine(_directory, TemporaryFileName), bytes);
    }
}
