using System.Text;
using Engine.Linux;

namespace Engine.Server;

/// <summary>
/// The cluster's id, made once for a data directory and kept in <c>meta.properties</c>, the file in which Kafka keeps it.
/// </summary>
internal static class ClusterIdFile
{
    private const string FileName = "meta.properties";
    private const string Key = "cluster.id=";

    public static string ReadOrCreate(string dataDirectory)
    {
        string path = Path.Combine(dataDirectory, FileName);
        if (File.Exists(path))
        {
            string? line = File.ReadLines(path).FirstOrDefault(line => line.StartsWith(Key, StringComparison.Ordinal));
            return line?[Key.Length..].Trim() ?? throw new ConfigException($"{path}: no line {Key}…");
        }

        // As Kafka writes its ids: 16 random bytes in URL-safe base64.
        string id = Convert.ToBase64String(Guid.NewGuid().ToByteArray()).TrimEnd('=').Replace('+', '-').Replace('/', '_');
        Files.Replace(path, path + ".tmp", Encoding.UTF8.GetBytes($"version=1\n{Key}{id}\nnode.id={ServerHost.NodeId}\n"));
        return id;
    }
}
