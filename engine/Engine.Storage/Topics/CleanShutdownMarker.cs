using System.Text.Json;
using System.Text.Json.Serialization;
using Engine.Linux;

namespace Engine.Storage;

/// <summary>What the marker says.</summary>
internal sealed record CleanShutdown(int Version, string BootId);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(CleanShutdown))]
internal sealed partial class CleanShutdownJson : JsonSerializerContext;

/// <summary>
/// The file that a clean stop leaves behind, under Kafka's name. Kafka flushes every log before it writes it. Here nothing is
/// flushed, so that a stop does not wait for gigabytes of dirty pages: instead the marker names the kernel's boot in which it was
/// written, and counts only in the same one. In it the page cache still holds what the stopped process wrote; after a power loss
/// it may not, the boot is another, and the logs are checked.
/// </summary>
internal sealed class CleanShutdownMarker(string dataDirectory)
{
    internal const string FileName = ".kafka_cleanshutdown";

    private const string BootIdPath = "/proc/sys/kernel/random/boot_id";
    private const int Version = 0;
    private const int BytesMax = 4096;

    private readonly string _path = Path.Combine(dataDirectory, FileName);

    /// <summary>True when the last stop was clean, and in this boot. A marker that does not count is said so.</summary>
    internal bool Counts(Action<string> log)
    {
        if (!File.Exists(_path))
        {
            return false;
        }

        try
        {
            CleanShutdown? marker = JsonSerializer.Deserialize(ReadText(_path), CleanShutdownJson.Default.CleanShutdown);
            if (marker is { Version: Version } && marker.BootId == BootId())
            {
                return true;
            }

            log($"{FileName}: the machine was restarted since the clean stop; checking the logs");
        }
        catch (JsonException)
        {
            log($"{FileName}: not written by this engine; checking the logs");
        }

        return false;
    }

    internal void Write()
    {
        byte[] bytes = JsonSerializer.SerializeToUtf8Bytes(
            new CleanShutdown(Version, BootId()), CleanShutdownJson.Default.CleanShutdown);
        using FileDescriptor file = Files.Open(_path, OpenFlags.WriteOnly | OpenFlags.Create | OpenFlags.Truncate);
        Files.WriteAt(file, bytes, 0);
    }

    internal void Remove() => Files.Remove(_path);

    private static string BootId() => System.Text.Encoding.ASCII.GetString(ReadText(BootIdPath)).Trim();

    private static byte[] ReadText(string path)
    {
        using FileDescriptor file = Files.Open(path, OpenFlags.ReadOnly);
        byte[] bytes = new byte[BytesMax];
        return bytes[..Files.ReadAt(file, bytes, 0)];
    }
}
