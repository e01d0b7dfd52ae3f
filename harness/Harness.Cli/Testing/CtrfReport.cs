using System.Text.Json;

namespace Harness.Cli.Testing;

/// <summary>The runner's machine-readable report (Common Test Report Format, https://ctrf.io): its summary counts.</summary>
internal static class CtrfReport
{
    /// <summary>Null where there is no such report, or none that can be read: the program ended before it could write one.</summary>
    public static TestCounts? Read(string path)
    {
        try
        {
            using FileStream file = File.OpenRead(path);
            using JsonDocument report = JsonDocument.Parse(file);
            JsonElement summary = report.RootElement.GetProperty("results").GetProperty("summary");
            int skipped = Count(summary, "skipped") + Count(summary, "pending") + Count(summary, "other");
            return new TestCounts(Count(summary, "passed"), Count(summary, "failed"), skipped);
        }
        catch (Exception e) when (e is IOException or JsonException or KeyNotFoundException or InvalidOperationException or FormatException)
        {
            return null;
        }
    }

    private static int Count(JsonElement summary, string name) => summary.GetProperty(name).GetInt32();
}
