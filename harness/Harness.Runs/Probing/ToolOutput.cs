using System.Globalization;
using System.Text.Json;

namespace Harness.Runs;

/// <summary>Reads what fio and iperf3 write as JSON, and what fio needs of the kernel. What is missing in JSON, or no number, is an error that names it.</summary>
internal static class ToolOutput
{
    private const double BitsPerByte = 8;

    /// <param name="direction">read or write.</param>
    internal static double FioBytesPerSecond(string json, string direction) => Number(Json(json), "jobs", "0", direction, "bw_bytes");

    /// <summary>Of the fsync or fdatasync calls, in nanoseconds.</summary>
    internal static double FioSyncNanos(string json, string percentile) => Number(Json(json), "jobs", "0", "sync", "lat_ns", "percentile", percentile);

    /// <summary>As the receiver saw it.</summary>
    internal static double IperfBytesPerSecond(string json)
    {
        JsonElement root = Json(json);
        return root.TryGetProperty("error", out JsonElement error)
            ? throw new IOException($"iperf3: {error}")
            : Number(root, "end", "sum_received", "bits_per_second") / BitsPerByte;
    }

    /// <summary>Reserved huge pages that nobody has, nor was promised; 0 where the kernel knows none.</summary>
    /// <param name="meminfo">As /proc/meminfo says it.</param>
    internal static long FreeHugePages(string meminfo)
    {
        return Named("HugePages_Free:") - Named("HugePages_Rsvd:");

        long Named(string name)
        {
            string? line = meminfo.Split('\n').FirstOrDefault(line => line.StartsWith(name, StringComparison.Ordinal));
            return line is not null && long.TryParse(line.AsSpan(name.Length), NumberStyles.AllowLeadingWhite, CultureInfo.InvariantCulture, out long pages) ? pages : 0;
        }
    }

    /// <summary>fio may say something before its document.</summary>
    private static JsonElement Json(string text)
    {
        int start = text.IndexOf('{', StringComparison.Ordinal);
        try
        {
            using JsonDocument document = JsonDocument.Parse(start < 0 ? text : text[start..]);
            return document.RootElement.Clone();
        }
        catch (JsonException e)
        {
            throw new IOException($"a tool's output is no JSON document: {e.Message}", e);
        }
    }

    private static double Number(JsonElement element, params ReadOnlySpan<string> path)
    {
        string walked = "";
        foreach (string step in path)
        {
            walked += $".{step}";
            bool found = element.ValueKind switch
            {
                JsonValueKind.Array => int.TryParse(step, out int index) && index < element.GetArrayLength() && (element = element[index]).ValueKind != JsonValueKind.Undefined,
                JsonValueKind.Object => element.TryGetProperty(step, out element),
                _ => false,
            };
            if (!found)
            {
                throw new IOException($"a tool's output has no {walked[1..]}");
            }
        }

        return element.ValueKind == JsonValueKind.Number ? element.GetDouble() : throw new IOException($"a tool's output has no number in {walked[1..]}");
    }
}
