using System.Diagnostics;
using Engine.Wire;
using Results;

namespace Harness.Targets.Tests;

/// <summary>Apache Kafka as a target: the real one where <c>KAFKA_HOME</c> names it, and folders that are none or do not work.</summary>
public sealed class KafkaTargetTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task It_starts_serves_describes_itself_and_leaves_nothing_behind()
    {
        KafkaTarget target = new(Real() with
        {
            Configuration = new Dictionary<string, string> { ["num.io.threads"] = "3", ["log.segment.delete.delay.ms"] = "7" },
        });
        await using (target)
        {
            await target.StartAsync(Cancel);
            int pid = target.ProcessId!.Value;
            Assert.Equal("java", (await File.ReadAllTextAsync($"/proc/{pid}/comm", Cancel)).Trim());

            TargetInfo info = await target.DescribeAsync(Cancel);
            Assert.Equal("Apache Kafka", info.Product);
            Assert.StartsWith("4.", info.Version, StringComparison.Ordinal);
            Assert.Equal(("3", "7", "500"),
                (info.Configuration["num.io.threads"], info.Configuration["log.segment.delete.delay.ms"], info.Configuration["log.retention.check.interval.ms"]));
            Assert.DoesNotContain(info.Configuration.Values, value => value.Contains(_folder.FullPath, StringComparison.Ordinal));

            using KafkaAdmin admin = await KafkaAdmin.ConnectAsync(target.Address, cancellation: Cancel);
            await admin.CreateTopicAsync("t", 3, 1, new Dictionary<string, string> { ["segment.bytes"] = "1048576" }, Cancel);
            await admin.WaitUntilServedAsync("t", 3, TimeSpan.FromSeconds(30), Cancel);
            Assert.Equal(3, (await admin.GetEarliestOffsetsAsync("t", [0, 1, 2], Cancel)).Count);
            TargetException refused = await Assert.ThrowsAsync<TargetException>(() => admin.CreateTopicAsync("u", 1, 2, null, Cancel));
            Assert.Equal(ErrorCode.InvalidReplicationFactor, refused.Error);
            await admin.DeleteTopicAsync("t", Cancel);

            await target.StopAsync();
            Assert.False(Directory.Exists($"/proc/{pid}"));
            Assert.True((await target.Exited).Asked);
        }

        Assert.Empty(Directory.GetFileSystemEntries(_folder.FullPath));
    }

    [Fact]
    public async Task A_key_that_Kafka_does_not_know_is_refused_although_Kafka_says_nothing()
    {
        await using KafkaTarget target = new(Real() with { Configuration = new Dictionary<string, string> { ["num.io.thraeds"] = "3" } });
        TargetException refused = await Assert.ThrowsAsync<TargetException>(() => target.StartAsync(Cancel));
        Assert.Equal(TargetException.UsageExitCode, refused.ExitCode);
        Assert.EndsWith("knows no configuration num.io.thraeds", refused.Message, StringComparison.Ordinal);
        Assert.Null(target.ProcessId);
    }

    [Fact]
    public async Task What_it_will_not_start_with_is_told_in_its_own_words_and_its_logs_are_kept()
    {
        string kept = Path.Combine(_folder.FullPath, "kept");
        KafkaTarget target = new(Real() with { KeepLogsAt = kept, Configuration = new Dictionary<string, string> { ["num.io.threads"] = "-3" } });
        await using (target)
        {
            TargetException refused = await Assert.ThrowsAsync<TargetException>(() => target.StartAsync(Cancel));
            Assert.Equal(TargetException.EnvironmentExitCode, refused.ExitCode);
            Assert.Contains("num.io.threads", refused.Message, StringComparison.Ordinal);
            Assert.EndsWith("; its logs are kept in kept, beside the result", refused.Message, StringComparison.Ordinal);
            Assert.DoesNotContain('\n', refused.Message);
        }

        Assert.Equal([kept], Directory.GetFileSystemEntries(_folder.FullPath));
    }

    [Fact]
    public async Task It_dies_with_whoever_started_it()
    {
        // The stand-in for us is a shell that starts the broker's watcher and then is killed.
        string beat = Path.Combine(_folder.FullPath, "beat");
        string script = _folder.Script($"while :; do date +%N > '{beat}'; sleep 0.05; done");
        BrokerProcess broker = BrokerProcess.Start(script, [], new Dictionary<string, string>(), endWithUs: true);
        await using (broker)
        {
            broker.CloseInput();
            TargetExit exit = await broker.Exited.WaitAsync(TimeSpan.FromSeconds(30), Cancel);
            Assert.Equal(128 + 9, exit.ExitCode);
        }
    }

    public static TheoryData<string, string> Homes() => new()
    {
        { "unset", "KAFKA_HOME is not set: unpack Apache Kafka 4 or later" },
        { "missing", "and there is no such folder" },
        { "empty", "which is no Apache Kafka: bin/kafka-server-start.sh or libs/kafka-clients-VERSION.jar is missing" },
        { "old", "is Apache Kafka 3.9.1; 4.0 or later is needed" },
        { "unformattable", "kafka did not start: its folder cannot be formatted: kafka-storage.sh failed with exit code 3: no space" },
        { "dying", "kafka did not start: [2026] ERROR the port is taken (kafka.Kafka$)" },
        { "hanging", "kafka did not answer on 127.0.0.1:" },
    };

    [Theory]
    [MemberData(nameof(Homes))]
    public async Task A_home_that_will_not_do_is_told_apart_and_nothing_is_left(string home, string expected)
    {
        Assert.SkipUnless(Java(), "Apache Kafka needs Java 17: apt-get install openjdk-17-jre-headless");
        string data = Path.Combine(_folder.FullPath, "data");
        await using (KafkaTarget target = new(new KafkaTargetOptions { Home = Home(home), DataParent = data, StartTimeout = TimeSpan.FromSeconds(home == "hanging" ? 2 : 60) }))
        {
            TargetException failure = await Assert.ThrowsAsync<TargetException>(() => target.StartAsync(Cancel));
            Assert.Contains(expected, failure.Message, StringComparison.Ordinal);
            Assert.Equal(TargetException.EnvironmentExitCode, failure.ExitCode);
            Assert.Null(target.ProcessId);
        }

        Assert.Empty(Directory.Exists(data) ? Directory.GetFileSystemEntries(data) : []);
    }

    [Fact]
    public async Task A_port_that_was_taken_meanwhile_is_not_the_last_one_tried()
    {
        Assert.SkipUnless(Java(), "Apache Kafka needs Java 17: apt-get install openjdk-17-jre-headless");
        string chosen = Path.Combine(_folder.FullPath, "chosen");
        string home = Home("hanging", $"grep ^listeners= \"$1\" >> '{chosen}'; echo '[2026] ERROR bind: Address already in use (kafka.Kafka$)'; exit 1")!;
        await using KafkaTarget target = new(new KafkaTargetOptions { Home = home, DataParent = _folder.FullPath });
        TargetException failure = await Assert.ThrowsAsync<TargetException>(() => target.StartAsync(Cancel));
        Assert.Contains("Address already in use", failure.Message, StringComparison.Ordinal);
        string[] listeners = await File.ReadAllLinesAsync(chosen, Cancel);
        Assert.Equal(3, listeners.Length);
        Assert.Distinct(listeners);
    }

    [Fact]
    public async Task Cancelled_while_it_starts_it_leaves_no_process()
    {
        Assert.SkipUnless(Java(), "Apache Kafka needs Java 17: apt-get install openjdk-17-jre-headless");
        string pidFile = Path.Combine(_folder.FullPath, "pid");
        using CancellationTokenSource over = new();
        await using KafkaTarget target = new(new KafkaTargetOptions { Home = Home("hanging", $"echo $$ > '{pidFile}'"), DataParent = _folder.FullPath });
        Task starting = target.StartAsync(over.Token);
        Assert.True(SpinWait.SpinUntil(() => File.Exists(pidFile) && new FileInfo(pidFile).Length > 0, TimeSpan.FromSeconds(30)));
        await over.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => starting);
        Assert.False(Directory.Exists($"/proc/{(await File.ReadAllTextAsync(pidFile, Cancel)).Trim()}"));
    }

    private KafkaTargetOptions Real()
    {
        string? home = System.Environment.GetEnvironmentVariable("KAFKA_HOME");
        Assert.SkipWhen(string.IsNullOrEmpty(home), "KAFKA_HOME is not set: unpack Apache Kafka 4 (https://kafka.apache.org/downloads) and set it to that folder");
        return new KafkaTargetOptions { Home = home, DataParent = _folder.FullPath, HeapBytes = 512 << 20 };
    }

    private static bool Java()
    {
        try
        {
            using Process process = Process.Start(new ProcessStartInfo("java", "-version") { RedirectStandardError = true })!;
            process.WaitForExit();
            return process.ExitCode == 0;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return false;
        }
    }

    /// <summary>A folder that looks like an unpacked Kafka, with scripts that do what the case is about.</summary>
    private string? Home(string kind, string first = ":")
    {
        string home = Path.Combine(_folder.FullPath, "home");
        switch (kind)
        {
            case "unset":
                return null;
            case "missing":
                return home;
        }

        Directory.CreateDirectory(Path.Combine(home, "bin"));
        Directory.CreateDirectory(Path.Combine(home, "libs"));
        if (kind == "empty")
        {
            return home;
        }

        File.WriteAllText(Path.Combine(home, "libs", $"kafka-clients-{(kind == "old" ? "3.9.1" : "4.3.0")}.jar"), "");
        Write("kafka-storage.sh", kind == "unformattable" ? "echo oh; echo no space >&2; exit 3" : "exit 0");
        Write("kafka-server-start.sh", kind == "dying"
            ? "echo '[2026] INFO starting'; echo '[2026] ERROR the port is taken (kafka.Kafka$)'; echo '[2026] INFO bye'; exit 1"
            : $"{first}; while :; do sleep 1; done");
        return home;

        void Write(string name, string body)
        {
            string path = Path.Combine(home, "bin", name);
            File.WriteAllText(path, $"#!/bin/sh\n{body}\n");
            File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        }
    }
}
