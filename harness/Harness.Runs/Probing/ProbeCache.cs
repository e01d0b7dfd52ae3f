using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using Results;

namespace Harness.Runs;

/// <param name="BootId">Figures are of one start of the machine: firmware, kernel and neighbours may differ after the next.</param>
/// <param name="Fingerprint">Of the machine.</param>
/// <param name="Filesystem">Type, options and device of what holds the measured folder.</param>
/// <param name="Plan">Sizes and times, and the version of the way of measuring.</param>
internal sealed record ProbeKey(string BootId, string Fingerprint, string Filesystem, string Plan);

/// <summary>
/// Keeps the figures of a probe until the machine starts again. One file a filesystem, replaced when measured anew; a file that is damaged, of another start
/// or of another machine is as good as none. That it cannot be written is no reason to fail: the figures are in the result.
/// </summary>
internal sealed class ProbeCache(string directory)
{
    internal const string CacheVariable = "XDG_CACHE_HOME";

    /// <summary>As the XDG base directory specification has it: a relative path there counts as none.</summary>
    internal static string DefaultDirectory(string? cacheHome, string home) =>
        Path.Combine(Path.IsPathRooted(cacheHome) ? cacheHome : Path.Combine(home, ".cache"), "harness");

    internal ProbeInfo? Find(ProbeKey key)
    {
        try
        {
            Entry? entry = JsonSerializer.Deserialize(File.ReadAllBytes(PathOf(key)), ProbeCacheContext.Default.Entry);
            return entry is not null && entry.Key == key && entry.Probe.Figures.Count > 0 ? entry.Probe : null;
        }
        catch (Exception unreadable) when (unreadable is IOException or UnauthorizedAccessException or JsonException)
        {
            return null;
        }
    }

    /// <returns>Null, or why it could not be kept.</returns>
    internal string? Keep(ProbeKey key, ProbeInfo probe)
    {
        try
        {
            Directory.CreateDirectory(directory);
            AtomicFile.WriteText(PathOf(key), JsonSerializer.Serialize(new Entry(key, probe), ProbeCacheContext.Default.Entry));
            return null;
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            return $"The figures could not be kept for later: {failure.Message}";
        }
    }

    internal string PathOf(ProbeKey key)
    {
        byte[] digest = SHA256.HashData(Encoding.UTF8.GetBytes(key.Filesystem));
        return Path.Combine(directory, $"probe-{Convert.ToHexStringLower(digest.AsSpan(0, 6))}.json");
    }

    internal sealed record Entry(ProbeKey Key, ProbeInfo Probe);
}

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, RespectNullableAnnotations = true, RespectRequiredConstructorParameters = true)]
[JsonSerializable(typeof(ProbeCache.Entry))]
internal sealed partial class ProbeCacheContext : JsonSerializerContext;
