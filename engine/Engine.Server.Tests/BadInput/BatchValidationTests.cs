using System.Buffers.Binary;
using Engine.Wire;

namespace Engine.Server.Tests;

/// <summary>
/// What <c>record.validation=batch</c> cannot answer, because it leaves the records shut: of the rows of bad input, 21, 24, and the parts of 14 and 25
/// that are about single records. Each is stored, and what its header tells is still refused.
/// </summary>
public sealed class BatchValidationTests(BatchValidationBroker engine) : IClassFixture<BatchValidationBroker>
{
    private static readonly long HourMs = (long)TimeSpan.FromHours(1).TotalMilliseconds;

    [Fact]
    public void Row_14_a_record_that_is_not_one_is_not_seen() =>
        Stored(Batches.Changed(Batches.Sound(3), b => b[RecordBatch.HeaderBytes] = 0xFF));

    [Fact]
    public void Row_21_a_record_count_that_is_not_that_of_the_records_is_not_seen() => Stored(Batches.Changed(Batches.Sound(3), b =>
    {
        BinaryPrimitives.WriteInt32BigEndian(b[RecordBatch.RecordCountAt..], 4);
        BinaryPrimitives.WriteInt32BigEndian(b[RecordBatch.LastOffsetDeltaAt..], 3);
    }));

    [Fact]
    public void Row_25_the_header_is_taken_at_its_word()
    {
        long now = DateTimeOffset.UtcNow.ToUnixTimeMilliseconds();

        // The record is of now, and the header says two hours ahead; then the other way round, where only the first record's time is in the header.
        Refused(ErrorCode.InvalidTimestamp, Batches.Changed(Batches.Sound(), b => BinaryPrimitives.WriteInt64BigEndian(b[RecordBatch.MaxTimestampAt..], now + (2 * HourMs))));
        Refused(ErrorCode.InvalidTimestamp, Batches.Sound(1, now + (2 * HourMs)));
        Stored(Batches.Changed(Batches.Sound(2), b => b[RecordBatch.HeaderBytes + 2] = 0x40));
    }

    [Fact]
    public void Compressed_records_are_not_unpacked() =>
        Stored(Batches.WithRecords(Batches.Sound(3), "this is no compressed stream at all"u8, CompressionType.Gzip));

    [Fact]
    public void What_the_header_tells_is_refused_all_the_same()
    {
        byte[] good = Batches.Sound(2);
        Refused(ErrorCode.CorruptMessage, Batches.Spoiled(good, b => b[^1] ^= 1));
        Refused(ErrorCode.InvalidRecord, Batches.Changed(good, b => b[RecordBatch.RecordCountAt + 3] = 3));
        Refused(ErrorCode.InvalidRecord, Batches.Changed(good, b => b[RecordBatch.AttributesAt + 1] = 0x20));
        Refused(ErrorCode.UnknownServerError, Batches.Changed(good, b => b[RecordBatch.AttributesAt + 1] = 7));
        Refused(ErrorCode.InvalidRecord, Batches.Of(1, 0, -1));
    }

    [Fact]
    public void Timestamps_of_the_brokers_are_written_without_opening_the_batch()
    {
        using TestClient client = engine.Connect();
        string topic = engine.NewTopic(client, ("message.timestamp.type", "LogAppendTime"));
        byte[] batch = Batches.Compressed(Batches.Sound(5, 1000), CompressionType.Gzip);
        long answered = client.ProduceForTime(topic, batch);
        byte[] stored = client.Fetch(topic, 0).Records;
        Assert.Equal(BatchFault.None, RecordBatch.Check(stored));
        Assert.Equal(answered, RecordBatch.MaxTimestamp(stored));
        Assert.Equal(batch[RecordBatch.HeaderBytes..], stored[RecordBatch.HeaderBytes..]);
    }

    private void Stored(byte[] batch)
    {
        using TestClient client = engine.Connect();
        string topic = engine.NewTopic(client);
        Assert.Equal(ErrorCode.None, client.Produce(topic, batch).Error);
        Assert.Equal(batch[RecordBatch.MagicAt..], client.Fetch(topic, 0).Records[RecordBatch.MagicAt..]);
    }

    private void Refused(ErrorCode expected, byte[] batch)
    {
        using TestClient client = engine.Connect();
        string topic = engine.NewTopic(client);
        Assert.Equal(expected, client.Produce(topic, batch).Error);
        Assert.Equal(0, client.Fetch(topic, 0).HighWatermark);
    }
}
