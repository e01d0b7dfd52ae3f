using System.Reflection;
using System.Runtime;
using System.Runtime.InteropServices;
using Results;

namespace Harness.Runs;

/// <summary>The harness's own version and the runtime settings of the generator's process.</summary>
public static class ToolDescription
{
    /// <summary>Reads version and commit from the assembly: the build writes them as <c>VERSION+COMMIT</c>.</summary>
    public static ToolInfo Read()
    {
        string informational = typeof(ToolDescription).Assembly
            .GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "unknown";
        int plus = informational.IndexOf('+', StringComparison.Ordinal);
        return new ToolInfo
        {
            Version = plus < 0 ? informational : informational[..plus],
            Commit = plus < 0 ? null : informational[(plus + 1)..],
            Runtime = RuntimeInformation.FrameworkDescription,
            Settings = new SortedDictionary<string, string>(StringComparer.Ordinal)
            {
                ["gc.server"] = GCSettings.IsServerGC ? "true" : "false",
                ["gc.concurrent"] = Setting("System.GC.Concurrent", "true"),
                ["gc.latency.mode"] = GCSettings.LatencyMode.ToString(),
                ["tiered.compilation"] = Setting("System.Runtime.TieredCompilation", "true"),
                ["tiered.pgo"] = Setting("System.Runtime.TieredPGO", "true"),
            },
        };
    }

    private static string Setting(string name, string otherwise) =>
        AppContext.GetData(name)?.ToString()?.ToLowerInvariant() ?? otherwise;
}
