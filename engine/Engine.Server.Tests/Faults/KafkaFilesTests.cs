using Engine.Wire;

namespace Engine.Server.Tests;

/// <summary>Kafka reads the engine's files after its deaths, and the engine serves Kafka's.</summary>
public sealed class KafkaFilesTests
{
    private const int SegmentBytes = 1 << 20;

    private static readonly string[] Settings = ["--set", $"log.segment.bytes={SegmentBytes}"];

    [Fact]
    public void Files_of_an_engine_that_was_killed_and_recovered_are_read_without_complaint()
    {
        using TemporaryDirectory data = new();
        Load load = new(seed: 1);
        for (int kill = 0; kill < 3; kill++)
        {
            using EngineProcess engine = EngineProcess.Start(data.Path, Settings);
            if (kill == 0)
            {
                Load.CreateTopic(engine.EndPoint);
            }

            load.Begin(engine.EndPoint);
            load.WaitForMore(1000);
            engine.Kill();
            load.End();
        }

        string folder = Path.Combine(data.Path, $"{Load.Topic}-0");
        using EngineProcess last = EngineProcess.Start(data.Path, Settings);
        load.Finish(last.EndPoint);
        load.Check(last.EndPoint);
        using TestClient client = new(last.EndPoint);
        long end = client.Fetch(Load.Topic, 0).HighWatermark;
        Assert.True(Directory.GetFiles(folder, "*.log").Length > 1);
        Assert.Equal(0, last.Terminate());
        KafkaDump.ReadsOrSkip(folder, end);
    }

    [Fact]
    public void A_folder_that_Kafka_wrote_is_served_byte_for_byte()
    {
        const string topic = "from-kafka";
        using TemporaryDirectory data = new();
        long end;
        using (KafkaBroker kafka = new())
        {
            using TestClient writer = kafka.Connect();
            writer.CreateTopic(topic, 1, ("segment.bytes", $"{SegmentBytes}"));
            kafka.WaitFor(writer, topic);
            end = Fill(writer, topic);
            kafka.Stop();
            CopyFolder(kafka.FolderOf(topic, 0), Path.Combine(data.Path, $"{topic}-0"));
        }

        byte[] written = BytesOf(data.Path, topic);
        using EngineProcess engine = EngineProcess.Start(data.Path, Settings);
        using TestClient client = new(engine.EndPoint);
        Assert.Equal(written, ReadAll(client, topic, end));
        Assert.Equal(new ProduceResult(0, ErrorCode.None, end), client.Produce(topic, TestClient.Batch([1])));
        Assert.Equal(0, engine.Terminate());
        KafkaDump.ReadsOrSkip(Path.Combine(data.Path, $"{topic}-0"), end + 1);
    }

    /// <summary>Batches of all codecs and of an idempotent producer, over several segments; returns the end offset.</summary>
    private static long Fill(TestClient client, string topic)
    {
        long end = 0;
        long producer = client.NewProducerId();
        CompressionType[] codecs = [CompressionType.None, CompressionType.Gzip, CompressionType.Snappy, CompressionType.Lz4, CompressionType.Zstd];
        for (int i = 0; i < 100; i++)
        {
            byte[] sound = Batches.Sound(records: 1 + (i % 7), valueBytes: 10_000);
            byte[] batch = codecs[i % codecs.Length] is var codec and not CompressionType.None ? Batches.Compressed(sound, codec) : sound;
            Assert.Equal(new ProduceResult(0, ErrorCode.None, end), client.Produce(topic, batch));
            end += RecordBatch.RecordCount(batch);
            Assert.Equal(new ProduceResult(0, ErrorCode.None, end), client.Produce(topic, Batches.Of(producer, 0, 3 * i, records: 3)));
            end += 3;
            byte[] large = TestClient.Batch(new byte[100_000]);
            Assert.Equal(new ProduceResult(0, ErrorCode.None, end++), client.Produce(topic, large));
        }

        return end;
    }

    private static void CopyFolder(string from, string to)
    {
        Directory.CreateDirectory(to);
        foreach (string file in Directory.GetFiles(from))
        {
            File.Copy(file, Path.Combine(to, Path.GetFileName(file)));
        }
    }

    private static byte[] BytesOf(string data, string topic)
    {
        string[] segments = [.. Directory.GetFiles(Path.Combine(data, $"{topic}-0"), "*.log").Order(StringComparer.Ordinal)];
        Assert.True(segments.Length > 5);
        return [.. segments.SelectMany(File.ReadAllBytes)];
    }

    private static byte[] ReadAll(TestClient client, string topic, long end)
    {
        List<byte> all = [];
        long next = 0;
        while (next < end)
        {
            Fetched fetched = client.Fetch(topic, next, maxBytes: 4 << 20);
            Assert.Equal((ErrorCode.None, end), (fetched.Error, fetched.HighWatermark));
            ReadOnlySpan<byte> bytes = fetched.Records;
            while (bytes.Length >= RecordBatch.HeaderBytes && RecordBatch.SizeBytes(bytes) <= bytes.Length)
            {
                ReadOnlySpan<byte> batch = bytes[..(int)RecordBatch.SizeBytes(bytes)];
                Assert.Equal(next, RecordBatch.BaseOffset(batch));
                next = RecordBatch.LastOffset(batch) + 1;
                all.AddRange(batch);
                bytes = bytes[batch.Length..];
            }
        }

        return [.. all];
    }
}
