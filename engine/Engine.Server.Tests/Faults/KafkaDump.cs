using System.Diagnostics;
using System.Text.RegularExpressions;

namespace Engine.Server.Tests;

/// <summary>Kafka's own tool over the files of a partition: batches with all their records, and both indexes compared with the log.</summary>
internal static partial class KafkaDump
{
    /// <summary>What the tool says of files that do not fit together.</summary>
    private static readonly string[] Complaints =
        ["mismatch", "non-consecutive", "not found", "not be found", "out of order", "exception", "corrupt", "invalid", "isvalid: false", "error"];

    /// <summary>All of a folder is read without complaint, up to an end offset; without <c>KAFKA_HOME</c> the test is skipped.</summary>
    public static void ReadsOrSkip(string folder, long endOffset)
    {
        string? home = Environment.GetEnvironmentVariable("KAFKA_HOME");
        Assert.SkipWhen(string.IsNullOrEmpty(home), "KAFKA_HOME is not set");
        string[] files = [.. Directory.GetFiles(folder).Where(f => Path.GetExtension(f) is ".log" or ".index" or ".timeindex").Order()];
        using Process dump = Process.Start(new ProcessStartInfo(
            Path.Combine(home!, "bin", "kafka-dump-log.sh"), ["--deep-iteration", "--files", string.Join(',', files)])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        Task<string> errors = dump.StandardError.ReadToEndAsync();
        string said = dump.StandardOutput.ReadToEnd() + errors.GetAwaiter().GetResult();
        dump.WaitForExit();
        Assert.Equal(0, dump.ExitCode);
        said = OfLaterSegments().Replace(said, m => long.Parse(m.Groups[1].Value, null) == long.Parse(m.Groups[2].Value, null) ? "" : m.Value);
        foreach (string complaint in Complaints)
        {
            int at = said.IndexOf(complaint, StringComparison.OrdinalIgnoreCase);
            Assert.True(at < 0, $"the tool said: {said.AsSpan(Math.Max(0, at)).Slice(0, Math.Min(1000, said.Length - Math.Max(0, at)))}");
        }

        Assert.Contains($"lastOffset: {endOffset - 1} ", said);
    }

    /// <summary>The tool counts from −1, and so finds a gap before every segment but a log's first, of Kafka's own files too.</summary>
    [GeneratedRegex(@"Non-consecutive offsets in \S+/(\d{20})\.log\n *-1 is followed by (\d+)\n")]
    private static partial Regex OfLaterSegments();
}
