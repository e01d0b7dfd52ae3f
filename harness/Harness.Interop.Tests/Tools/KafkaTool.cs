using Harness.Interop.Tests.Running;

namespace Harness.Interop.Tests.Tools;

/// <summary>The command-line tools of Apache Kafka, by their scripts.</summary>
internal static class KafkaTool
{
    /// <summary>Short lives: what a virtual machine does for long ones only costs here.</summary>
    private static readonly Dictionary<string, string> Small = new()
    {
        ["KAFKA_HEAP_OPTS"] = "-Xmx256m",
        ["KAFKA_JVM_PERFORMANCE_OPTS"] = "-XX:+UseSerialGC -XX:TieredStopAtLevel=1 -Xshare:auto",
    };

    /// <summary>Runs it to its end, which must be a good one, and gives what it printed.</summary>
    /// <param name="name">As <c>kafka-topics</c>.</param>
    public static async Task<string> RunAsync(string name, IEnumerable<string> arguments, byte[]? input = null)
    {
        string? home = Environment.GetEnvironmentVariable("KAFKA_HOME");
        Assert.SkipWhen(string.IsNullOrEmpty(home), "KAFKA_HOME is not set: unpack Apache Kafka 4 (https://kafka.apache.org/downloads) and set it to that folder");
        string[] all = [.. arguments];
        ProgramOutput run = await ProgramRunner.RunAsync(
            Path.Combine(home!, "bin", $"{name}.sh"), all, input, TestContext.Current.CancellationToken, Small);
        string said = $"{name}.sh {string.Join(' ', all)} ended with exit code {run.ExitCode} and said:\n{run.Text}\n{run.Errors}";
        Assert.True(run.ExitCode == 0, said);
        // Several of them end with 0 whatever happened.
        Assert.False(run.Text.Contains("Exception", StringComparison.Ordinal) || run.Errors.Contains("Exception", StringComparison.Ordinal), said);
        return run.Text;
    }
}
