using System.Buffers.Binary;
using Engine.Wire;

namespace Engine.Server.Tests;

/// <summary>
/// Writes of all files but the logs, each failing once: the engine says so and goes on, and afterwards, stopped or killed, everything acknowledged is
/// there and an idempotent producer is still known.
/// </summary>
public sealed class OtherWriteErrorTests : IDisposable
{
    private const string Topic = "t";
    private const int Batches = 25;
    private const int InFlight = 5;

    /// <summary>Ten batches of this size are a segment.</summary>
    private const int ValueBytes = 100_000;
    private const int SegmentBatches = 10;

    private static readonly string[] Settings = ["--set", "log.segment.bytes=1048576", "--set", "log.flush.offset.checkpoint.interval.ms=50"];

    private readonly TemporaryDirectory _data = new();

    /// <summary>The file, the call, and what is said when it fails.</summary>
    private static readonly (string File, string Call, string Said)[] _writes =
    [
        ("t-0/00000000000000000000.index", "pwrite64", "chore=FlushIndex "),
        ("t-0/00000000000000000000.timeindex", "pwrite64", "chore=FlushIndex "),
        ($"t-0/{SegmentBatches:D20}.snapshot", "pwrite64", "chore=WriteSnapshot "),
        ("recovery-point-offset-checkpoint.tmp", "pwrite64", "chore=SaveRecoveryPoints "),
        ("recovery-point-offset-checkpoint.tmp", "fsync", "chore=SaveRecoveryPoints "),
        ("recovery-point-offset-checkpoint.tmp", "rename", "chore=SaveRecoveryPoints "),
        ("topics.json.tmp", "pwrite64", ""),
        ("topics.json.tmp", "fsync", ""),
        ("topics.json.tmp", "rename", ""),
        ("producer-ids.json.tmp", "pwrite64", "producer-id-failed"),
        ("producer-ids.json.tmp", "fsync", "producer-id-failed"),
        ("producer-ids.json.tmp", "rename", "producer-id-failed"),
    ];

    /// <summary>Of those of the stop itself.</summary>
    private static readonly string[] _lastWrites =
        [$"t-0/{2 * SegmentBatches:D20}.index", $"t-0/{2 * SegmentBatches:D20}.timeindex", $"t-0/{Batches:D20}.snapshot", ".kafka_cleanshutdown"];

    public static IEnumerable<TheoryDataRow<string, string, string, string, bool>> Writes() =>
        from write in _writes
        from error in (string[])["EIO", "ENOSPC"]
        from clean in (bool[])[true, false]
        let row = new TheoryDataRow<string, string, string, string, bool>(write.File, write.Call, error, write.Said, clean)
        select error == "EIO" && write.Call == "pwrite64" && clean == write.File.EndsWith("index", StringComparison.Ordinal)
            ? row
            : row.WithTrait("Category", "Long");

    public static IEnumerable<TheoryDataRow<string, string>> LastWrites() =>
        from file in _lastWrites
        from error in (string[])["EIO", "ENOSPC"]
        select new TheoryDataRow<string, string>(file, error).WithTrait("Category", "Long");

    public void Dispose() => _data.Dispose();

    [Theory]
    [MemberData(nameof(Writes))]
    public void A_write_that_fails_once_costs_nothing_acknowledged(string file, string call, string error, string said, bool clean)
    {
        string[] strace = Strace.InjectOrSkip(call, $"error={error}:when=1", Path.Combine(_data.Path, file));
        long producer;
        using (EngineProcess engine = EngineProcess.StartUnder(strace, _data.Path, Settings))
        {
            using TestClient client = new(engine.EndPoint);
            ErrorCode created = Create(client);
            Assert.Equal(file.StartsWith("topics", StringComparison.Ordinal) ? ErrorCode.KafkaStorageError : ErrorCode.None, created);
            if (created != ErrorCode.None)
            {
                Assert.Equal(ErrorCode.None, Create(client));
            }

            producer = client.NewProducerId();
            Produce(client, producer, 0, Batches);
            Assert.True(engine.WaitForLog(said), engine.Errors);
            Stop(engine, clean);
        }

        GoesOn(producer);
    }

    [Theory]
    [MemberData(nameof(LastWrites))]
    public void A_write_of_the_stop_that_fails_costs_nothing_acknowledged(string file, string error)
    {
        string[] strace = Strace.InjectOrSkip("pwrite64", $"error={error}:when=1+", Path.Combine(_data.Path, file));
        long producer;
        using (EngineProcess engine = EngineProcess.StartUnder(strace, _data.Path, Settings))
        {
            using TestClient client = new(engine.EndPoint);
            Assert.Equal(ErrorCode.None, Create(client));
            producer = client.NewProducerId();
            Produce(client, producer, 0, Batches);
            Stop(engine, clean: true);
            Assert.True(engine.WaitForLog("the stop is not clean"), engine.Errors);
        }

        GoesOn(producer);
    }

    private static void Stop(EngineProcess engine, bool clean)
    {
        if (clean)
        {
            Assert.Equal(0, engine.Terminate());
        }
        else
        {
            engine.Kill();
        }
    }

    private static ErrorCode Create(TestClient client) =>
        client.Ask<CreateTopicsRequest, CreateTopicsResponse>(ApiKey.CreateTopics, 4, new CreateTopicsRequest
        {
            TimeoutMs = 1000,
            Topics = [new CreatableTopic { Name = Topic, PartitionCount = 1, ReplicationFactor = 1 }],
        }).Topics.Single().Error;

    private static void Produce(TestClient client, long producer, int from, int to)
    {
        for (int i = from; i < to; i++)
        {
            int sequence = i;
            byte[] batch = Server.Tests.Batches.Changed(TestClient.Batch(new byte[ValueBytes]), b =>
            {
                BinaryPrimitives.WriteInt64BigEndian(b[RecordBatch.ProducerIdAt..], producer);
                BinaryPrimitives.WriteInt16BigEndian(b[RecordBatch.ProducerEpochAt..], 0);
                BinaryPrimitives.WriteInt32BigEndian(b[RecordBatch.BaseSequenceAt..], sequence);
            });
            Assert.Equal(new ProduceResult(0, ErrorCode.None, i), client.Produce(Topic, batch));
        }
    }

    /// <summary>Started again without faults: everything is there, what comes again is known, and it goes on behind it.</summary>
    private void GoesOn(long producer)
    {
        using EngineProcess engine = EngineProcess.Start(_data.Path, Settings);
        using TestClient client = new(engine.EndPoint);
        Assert.Equal(Batches, Load.ReadAll(client, Topic, 0).Count);
        Produce(client, producer, Batches - InFlight, Batches + InFlight);
        Assert.Equal(Batches + InFlight, Load.ReadAll(client, Topic, 0).Count);
        Assert.NotEqual(producer, client.NewProducerId());
        Assert.Equal(0, engine.Terminate());
    }
}
