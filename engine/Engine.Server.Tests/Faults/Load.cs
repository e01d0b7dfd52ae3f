using System.Net;
using Engine.Wire;

namespace Engine.Server.Tests;

/// <summary>
/// Producers of every kind on two partitions of one topic, over any number of lives of the engine, and the promises that were made to them.
/// The numbers are a seed's, so that a failure can be repeated.
/// </summary>
internal sealed class Load
{
    public const string Topic = "load";

    private const int Partitions = 2;
    private const int FetchBytes = 8 << 20;

    private readonly LoadProducer[] _producers;
    private volatile bool _mustStop;
    private Task _running = Task.CompletedTask;

    public Load(int seed) => _producers =
    [
        new LoadProducer(Topic, 0, number: 0, acks: 1, isIdempotent: false, seed),
        new LoadProducer(Topic, 1, number: 1, acks: -1, isIdempotent: false, seed + 1),
        new LoadProducer(Topic, 0, number: 2, acks: -1, isIdempotent: true, seed + 2),
        new LoadProducer(Topic, 1, number: 3, acks: -1, isIdempotent: true, seed + 3),
    ];

    /// <summary>Batches of each producer that may be parted: no more than the engine was killed.</summary>
    public int PartedMax { get; init; }

    public int AcknowledgedBatches => _producers.Sum(p => p.AcknowledgedBatches);

    public static void CreateTopic(IPEndPoint endPoint, params (string Name, string Value)[] config)
    {
        using TestClient client = new(endPoint);
        client.CreateTopic(Topic, Partitions, config);
    }

    public void Begin(IPEndPoint endPoint)
    {
        _mustStop = false;
        _running = Task.WhenAll(_producers.Select(p => Task.Factory.StartNew(
            () => p.Run(endPoint, () => _mustStop), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default)));
    }

    /// <summary>Waits until so many more batches have been acknowledged, or the producers have ended.</summary>
    public void WaitForMore(int batches)
    {
        int enough = AcknowledgedBatches + batches;
        Assert.True(SpinWait.SpinUntil(() => AcknowledgedBatches >= enough || _running.IsCompleted, TimeSpan.FromMinutes(1)), "no acknowledgements");
    }

    /// <summary>
    /// Takes the power from under the engine. What is acknowledged after that does not count: a machine without power acknowledges nothing,
    /// while this one's kernel calls an fdatasync a success when its transaction was dropped a moment before.
    /// </summary>
    public void LosePower(LoopFilesystem disk)
    {
        Array.ForEach(_producers, p => p.StopListening());
        disk.LosePower();
    }

    /// <summary>Waits for the end of all producers, whose engine is dead.</summary>
    public void End(ErrorCode allowed = ErrorCode.None)
    {
        _running.GetAwaiter().GetResult();
        Assert.All(_producers, p => Assert.True(p.Error == ErrorCode.None || p.Error == allowed, $"the engine answered {p.Error}"));
    }

    /// <summary>Lets the producers have all answers that they wait for.</summary>
    public void Finish(IPEndPoint endPoint)
    {
        Begin(endPoint);
        WaitForMore(_producers.Length);
        _mustStop = true;
        End();
    }

    /// <summary>Reads everything, and compares it with what was acknowledged.</summary>
    public void Check(IPEndPoint endPoint)
    {
        using TestClient client = new(endPoint);
        for (int partition = 0; partition < Partitions; partition++)
        {
            List<LoggedRecord> records = ReadAll(client, Topic, partition);
            foreach (LoadProducer producer in _producers.Where(p => p.Partition == partition))
            {
                producer.Check(records, PartedMax);
            }
        }
    }

    /// <summary>All records from the start of a partition on: every batch whole, its checksum right, its offset the next one.</summary>
    public static List<LoggedRecord> ReadAll(TestClient client, string topic, int partition)
    {
        List<LoggedRecord> records = [];
        while (true)
        {
            Fetched fetched = client.Fetch(topic, records.Count, maxBytes: FetchBytes, partition: partition);
            Assert.Equal(ErrorCode.None, fetched.Error);
            int before = records.Count;
            ReadOnlySpan<byte> bytes = fetched.Records;
            while (bytes.Length >= RecordBatch.HeaderBytes && RecordBatch.SizeBytes(bytes) <= bytes.Length)
            {
                ReadOnlySpan<byte> batch = bytes[..(int)RecordBatch.SizeBytes(bytes)];
                Take(batch, records);
                bytes = bytes[batch.Length..];
            }

            if (records.Count == before)
            {
                Assert.Equal(fetched.HighWatermark, records.Count);
                return records;
            }
        }
    }

    private static void Take(ReadOnlySpan<byte> batch, List<LoggedRecord> records)
    {
        Assert.Equal(BatchFault.None, RecordBatch.Check(batch));
        Assert.Equal(records.Count, RecordBatch.BaseOffset(batch));
        RecordReader reader = new(batch);
        while (reader.MoveNext(out Wire.Record record))
        {
            records.Add(LoadProducer.Parse(RecordBatch.BaseOffset(batch) + record.OffsetDelta, record.Value));
        }

        Assert.False(reader.Malformed);
        Assert.Equal(RecordBatch.LastOffset(batch) + 1, records.Count);
    }
}
