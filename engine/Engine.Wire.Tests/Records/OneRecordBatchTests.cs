using System.Buffers.Binary;

namespace Engine.Wire.Tests;

public sealed class OneRecordBatchTests
{
    private const long TimestampMs = 1_700_000_000_000;

    /// <summary>Attributes, timestamp delta, offset delta; key, value and headers as in the name.</summary>
    public static TheoryData<string, string> Bodies() => new()
    {
        { "null key and value, no headers", "000A08" + "01" + "01" + "00" },
        { "empty key and value", "000A08" + "00" + "00" + "00" },
        { "key and value", "000A08" + "04" + "6B31" + "06" + "763132" + "00" },
        { "two headers, one of them null", "000A08" + "02" + "6B" + "02" + "76" + "04" + "0268" + "0278" + "0269" + "01" },
        { "a long value", "000A08" + "01" + "D00F" + string.Concat(Enumerable.Repeat("AB", 1000)) + "00" },
    };

    [Theory]
    [MemberData(nameof(Bodies))]
    public void A_record_keeps_all_that_it_has(string what, string bodyHex)
    {
        byte[] body = Convert.FromHexString(bodyHex);
        byte[] batch = Header(baseSequence: int.MaxValue - 1);
        Record record = Read(body);
        int size = OneRecordBatch.SizeBytes(record);
        byte[] buffer = new byte[size + OneRecordBatch.ScratchBytes];
        OneRecordBatch.Write(buffer, batch, record, index: 4, offset: 1234, RecordBatch.NoTimestamp);
        byte[] one = buffer[..size];
        Assert.True(RecordBatch.Check(one) == BatchFault.None, what);
        Assert.Equal((1234L, 1), (RecordBatch.BaseOffset(one), RecordBatch.RecordCount(one)));
        Assert.Equal((42L, (short)3, 2), (RecordBatch.ProducerId(one), RecordBatch.ProducerEpoch(one), RecordBatch.BaseSequence(one)));
        Assert.Equal((TimestampMs + 5, TimestampMs + 5), (RecordBatch.BaseTimestamp(one), RecordBatch.MaxTimestamp(one)));
        RecordReader reader = new(one);
        Assert.True(reader.MoveNext(out Record copy));
        Assert.Equal((0, 0L), (copy.OffsetDelta, copy.TimestampDelta));
        Assert.Equal((record.HasKey, record.HasValue, record.HeaderCount), (copy.HasKey, copy.HasValue, copy.HeaderCount));
        Assert.True(copy.Key.SequenceEqual(record.Key) && copy.Value.SequenceEqual(record.Value) && copy.Headers.SequenceEqual(record.Headers), what);
        Assert.False(reader.MoveNext(out _));
        Assert.False(reader.Malformed);
    }

    [Fact]
    public void The_brokers_time_is_the_largest_and_without_a_producer_there_is_no_sequence()
    {
        byte[] batch = Header(baseSequence: RecordBatch.NoSequence);
        Record record = Read(Convert.FromHexString("000A08010100"));
        byte[] buffer = new byte[OneRecordBatch.SizeBytes(record) + OneRecordBatch.ScratchBytes];
        OneRecordBatch.Write(buffer, batch, record, 4, 0, TimestampMs + 99);
        byte[] one = buffer[..^OneRecordBatch.ScratchBytes];
        Assert.Equal(BatchFault.None, RecordBatch.Check(one));
        Assert.True(RecordBatch.IsLogAppendTime(one));
        Assert.Equal((TimestampMs + 5, TimestampMs + 99), (RecordBatch.BaseTimestamp(one), RecordBatch.MaxTimestamp(one)));
        Assert.Equal(RecordBatch.NoSequence, RecordBatch.BaseSequence(one));
    }

    private static byte[] Header(int baseSequence)
    {
        byte[] header = new byte[RecordBatch.HeaderBytes];
        BinaryPrimitives.WriteInt64BigEndian(header.AsSpan(RecordBatch.BaseTimestampAt), TimestampMs);
        BinaryPrimitives.WriteInt64BigEndian(header.AsSpan(RecordBatch.ProducerIdAt), 42);
        BinaryPrimitives.WriteInt16BigEndian(header.AsSpan(RecordBatch.ProducerEpochAt), 3);
        BinaryPrimitives.WriteInt32BigEndian(header.AsSpan(RecordBatch.BaseSequenceAt), baseSequence);
        return header;
    }

    private static Record Read(byte[] body)
    {
        byte[] records = new byte[body.Length + Varint.MaxBytes64];
        int prefix = Varint.Write(ref records[0], Varint.ZigZag(body.Length));
        body.CopyTo(records, prefix);
        RecordReader reader = new(records.AsSpan(0, prefix + body.Length), 1);
        Assert.True(reader.MoveNext(out Record record));
        return record;
    }
}
