using System.Diagnostics;
using System.Text.RegularExpressions;

namespace Engine.Storage.Tests;

/// <summary>
/// The files of a log as Kafka's own tool reads them: batches with all their records, and both indexes compared with the log. Without
/// <c>KAFKA_HOME</c> these tests are skipped.
/// </summary>
public sealed partial class KafkaFilesTests
{
    /// <summary>What the tool says of files that do not fit together.</summary>
    private static readonly string[] Complaints =
        ["mismatch", "non-consecutive", "not found", "not be found", "out of order", "exception", "corrupt", "invalid", "isvalid: false", "error"];

    private static string? Home => Environment.GetEnvironmentVariable("KAFKA_HOME") is { Length: > 0 } home ? home : null;

    [Fact]
    public void A_running_log_is_read_without_complaint_after_rolls_and_retention()
    {
        using StorageFixture storage = Filled();
        Assert.True(storage.Log.StartOffset > 0);
        WaitForIndexes(storage);
        IsRead(storage);
    }

    [Fact]
    public void A_log_is_read_without_complaint_after_a_clean_stop_and_when_it_goes_on()
    {
        using StorageFixture storage = Filled();
        storage.Reopen(clean: true);
        Append(storage, seed: 2);
        storage.Stop(clean: true);
        IsRead(storage);
    }

    [Fact]
    public void A_log_is_read_without_complaint_after_recovery_cut_its_tail()
    {
        using StorageFixture storage = Filled();
        storage.Stop(clean: false);
        using (FileStream last = File.OpenWrite(storage.LogFiles[^1]))
        {
            last.SetLength(last.Length - 7);
        }

        foreach (string index in Directory.GetFiles(storage.Folder, "*index"))
        {
            File.Delete(index);
        }

        storage.Start();
        Append(storage, seed: 3);
        WaitForIndexes(storage);
        IsRead(storage);
    }

    private static StorageFixture Filled()
    {
        StorageFixture storage = new(new LogConfig { SegmentBytes = 40_000, IndexIntervalBytes = 300, RetentionBytes = 120_000 });
        Append(storage, seed: 1);
        return storage;
    }

    /// <summary>Batches whose times go up and down.</summary>
    private static void Append(StorageFixture storage, int seed)
    {
        Random random = new(seed);
        for (int i = 0; i < 2000; i++)
        {
            storage.Log.Append(TestBatch.Make(random.Next(1, 6), random.Next(0, 100), timestampMs: 1_700_000_000_000 + (i * 10) + random.Next(0, 300)));
        }
    }

    private static void WaitForIndexes(StorageFixture storage)
    {
        storage.WriteIndexes();
        Assert.True(SpinWait.SpinUntil(() => storage.LogFiles.Length == storage.Log.Segments.Length, TimeSpan.FromMinutes(1)));
    }

    private static void IsRead(StorageFixture storage)
    {
        Assert.SkipWhen(Home is null, "KAFKA_HOME is not set");
        string[] files = [.. storage.LogFiles.SelectMany(f => (string[])[f, Path.ChangeExtension(f, ".index"), Path.ChangeExtension(f, ".timeindex")])
            .Where(File.Exists)];
        Assert.InRange(files.Length, 6, 30);
        using Process dump = Process.Start(new ProcessStartInfo(
            Path.Combine(Home, "bin", "kafka-dump-log.sh"), ["--deep-iteration", "--files", string.Join(',', files)])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        Task<string> errors = dump.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        string said = dump.StandardOutput.ReadToEnd() + errors.GetAwaiter().GetResult();
        dump.WaitForExit();
        Assert.Equal(0, dump.ExitCode);
        said = OfLaterSegments().Replace(said, m => long.Parse(m.Groups[1].Value, null) == long.Parse(m.Groups[2].Value, null) ? "" : m.Value);
        foreach (string complaint in Complaints)
        {
            int at = said.IndexOf(complaint, StringComparison.OrdinalIgnoreCase);
            Assert.True(at < 0, $"the tool said: {said.AsSpan(Math.Max(0, at)).Slice(0, Math.Min(1000, said.Length - Math.Max(0, at)))}");
        }

        Assert.Contains("timestamp: 17", said);
        Assert.Contains($"lastOffset: {storage.Log.EndOffset - 1} ", said);
    }

    /// <summary>The tool counts from −1, and so finds a gap before every segment but a log's first, of Kafka's own files too.</summary>
    [GeneratedRegex(@"Non-consecutive offsets in \S+/(\d{20})\.log\n *-1 is followed by (\d+)\n")]
    private static partial Regex OfLaterSegments();
}
