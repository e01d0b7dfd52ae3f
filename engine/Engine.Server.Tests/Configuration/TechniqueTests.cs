namespace Engine.Server.Tests;

/// <summary>The switches of the techniques: what is refused, and what a fetch gets whichever is set.</summary>
public sealed class TechniqueTests : IDisposable
{
    private readonly TemporaryDirectory _data = new();

    public void Dispose() => _data.Dispose();

    /// <summary>How a log is stored and sent, in every valid combination but the ordinary one.</summary>
    public static TheoryData<string, string, string> Opposites { get; } = new()
    {
        { "sequential", "page", "copy" },
        { "sequential", "direct", "copy" },
        { "scattered", "page", "sendfile" },
        { "scattered", "page", "copy" },
        { "scattered", "direct", "copy" },
    };

    [Fact]
    public void Copy_follows_from_direct_and_sendfile_is_refused_with_it()
    {
        ServerConfig direct = ServerConfig.Default.With("technique.cache", "direct", "test");
        Assert.Equal(TransferTechnique.Copy, direct.Transfer);
        direct.CheckCombinations();
        Assert.Equal("copy", direct.Describe().Single(s => s.Name == "technique.transfer").Value);
        ConfigException refused = Assert.Throws<ConfigException>(
            () => direct.With("technique.transfer", "sendfile", "test").CheckCombinations());
        Assert.Contains("technique.transfer=sendfile", refused.Message, StringComparison.Ordinal);
        Assert.Contains("technique.cache=direct", refused.Message, StringComparison.Ordinal);
        (int exit, string errors) = EngineProcess.Run(
            "--data", _data.Path, "--set", "technique.cache=direct", "--set", "technique.transfer=sendfile");
        Assert.Equal((2, $"engine: {refused.Message}"), (exit, errors));
    }

    [Theory]
    [InlineData("technique.log", "sequential or scattered")]
    [InlineData("technique.cache", "page or direct")]
    [InlineData("technique.transfer", "sendfile or copy")]
    public void An_unknown_value_is_refused_with_those_that_are_known(string key, string known)
    {
        ConfigException refused = Assert.Throws<ConfigException>(() => ServerConfig.Default.With(key, "other", "--set"));
        Assert.Equal($"--set: {key}=other: not {known}", refused.Message);
    }

    [Fact]
    public void A_filesystem_in_memory_is_refused_for_direct()
    {
        Assert.SkipUnless(Directory.Exists("/dev/shm"), "no /dev/shm");
        string folder = $"/dev/shm/direct-{Guid.NewGuid():N}";
        try
        {
            (int exit, string errors) = EngineProcess.Run("--data", folder, "--set", "technique.cache=direct");
            Assert.Equal(5, exit);
            Assert.Contains($"{folder}: technique.cache=direct", errors, StringComparison.Ordinal);
            Assert.Contains("(tmpfs)", errors, StringComparison.Ordinal);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [Theory]
    [MemberData(nameof(Opposites))]
    public void Batches_of_all_sizes_are_fetched_whole_and_from_several_partitions(string log, string cache, string transfer)
    {
        using EngineProcess engine = EngineProcess.Start(
            _data.Path, "--set", $"technique.log={log}", "--set", $"technique.cache={cache}", "--set", $"technique.transfer={transfer}",
            "--set", "log.segment.bytes=4194304");
        using TestClient client = new(engine.EndPoint);
        client.CreateTopic("sizes");
        Random random = new(3);
        List<byte[]> values = [];
        int[] sizes = [1, 4000, 100_000, 1_000_000, 30, 300_000];
        for (int i = 0; i < 60; i++)
        {
            byte[] value = new byte[i < 40 ? 30 : sizes[i % sizes.Length]];
            random.NextBytes(value);
            byte[] batch = TestClient.Batch(value);
            Assert.Equal(i, client.Produce("sizes", batch).BaseOffset);
            values.Add(value);
        }

        long offset = 0;
        while (offset < values.Count)
        {
            byte[] records = client.Fetch("sizes", offset, maxBytes: 8 << 20).Records;
            Assert.NotEmpty(records);
            for (int at = 0; at < records.Length;)
            {
                int bytes = (int)Wire.RecordBatch.SizeBytes(records.AsSpan(at));
                Assert.Equal(Wire.BatchFault.None, Wire.RecordBatch.Check(records.AsSpan(at, bytes)));
                Assert.True(records.AsSpan(at, bytes).IndexOf(values[(int)offset]) > 0, $"offset {offset} has another value");
                offset = Wire.RecordBatch.LastOffset(records.AsSpan(at)) + 1;
                at += bytes;
            }
        }

        Assert.Equal(values.Count, client.Fetch("sizes", values.Count).HighWatermark);
    }
}
