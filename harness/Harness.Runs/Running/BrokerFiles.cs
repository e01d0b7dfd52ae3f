using Engine.Linux;
using Harness.Targets;

namespace Harness.Runs;

/// <summary>
/// The files of a broker that the harness started: read, and put out of the page cache, from outside and without its knowledge, so that what holds
/// for one broker is found the same way for another.
/// </summary>
internal static class BrokerFiles
{
    /// <summary>The folders of a topic's partitions; empty where the broker's files are not ours.</summary>
    public static IReadOnlyList<string> FoldersOf(ITarget target, string topic)
    {
        string? data = target switch
        {
            EngineTarget engine => engine.DataDirectory,
            KafkaTarget kafka => Path.Combine(kafka.Folder, "data"),
            _ => null,
        };
        return data is not null && Directory.Exists(data) ? [.. Directory.EnumerateDirectories(data, $"{topic}-*")] : [];
    }

    /// <summary>
    /// Has what the broker wrote of a topic brought to the device, and lets go of it in memory. Only pages that are on the device can go, so it syncs
    /// first; what is written meanwhile stays.
    /// </summary>
    public static void PutOutOfCache(ITarget target, string topic)
    {
        foreach (string path in FoldersOf(target, topic).SelectMany(Directory.EnumerateFiles))
        {
            try
            {
                using FileDescriptor file = Files.Open(path, OpenFlags.ReadOnly);
                Files.SyncData(file);
                PageCache.Drop(file);
            }
            catch (LinuxException) when (!File.Exists(path))
            {
                // Retention took it in the meantime: it is out of memory too.
            }
        }
    }
}
