using System.Buffers.Binary;
using System.Runtime.InteropServices;

namespace Engine.Wire;

/// <summary>
/// Writes a record of a client's batch as a batch of its own: the same producer, the sequence that the record has in the client's batch, its own
/// timestamp, deltas of 0. Key, value and headers are copied as they are. Without state: the caller has the buffer.
/// </summary>
public static class OneRecordBatch
{
    /// <summary>Bytes that must be free behind the batch, since varints are written in full words.</summary>
    public const int ScratchBytes = 16;

    /// <summary>Attributes, timestamp delta and offset delta of the record: none, 0 and 0.</summary>
    private const int FixedBytes = 3;

    private const short LogAppendTime = 0x8;

    /// <summary>Bytes of the whole batch, header included.</summary>
    public static int SizeBytes(in Record record)
    {
        int body = BodyBytes(record);
        return RecordBatch.HeaderBytes + Varint.Size(Varint.ZigZag(body)) + body;
    }

    /// <summary>Writes header, record and checksum.</summary>
    /// <param name="into">As many bytes as <see cref="SizeBytes"/> says, and <see cref="ScratchBytes"/> more.</param>
    /// <param name="batch">The client's batch, from whose header producer and times come.</param>
    /// <param name="index">The record's place in it.</param>
    /// <param name="appendTimeMs">The broker's time, or −1 when the record keeps its own.</param>
    public static void Write(Span<byte> into, ReadOnlySpan<byte> batch, in Record record, int index, long offset, long appendTimeMs)
    {
        int size = WriteRecord(into[RecordBatch.HeaderBytes..], record) + RecordBatch.HeaderBytes;
        int sequence = RecordBatch.BaseSequence(batch);
        long timestampMs = RecordBatch.BaseTimestamp(batch) + record.TimestampDelta;
        bool stamped = appendTimeMs != RecordBatch.NoTimestamp;
        RecordBatch.Assign(into, offset, leaderEpoch: 0);
        BinaryPrimitives.WriteInt32BigEndian(into[RecordBatch.LengthAt..], size - RecordBatch.LogOverheadBytes);
        into[RecordBatch.MagicAt] = RecordBatch.Magic;
        BinaryPrimitives.WriteInt16BigEndian(into[RecordBatch.AttributesAt..], stamped ? LogAppendTime : (short)0);
        BinaryPrimitives.WriteInt32BigEndian(into[RecordBatch.LastOffsetDeltaAt..], 0);
        BinaryPrimitives.WriteInt64BigEndian(into[RecordBatch.BaseTimestampAt..], timestampMs);
        BinaryPrimitives.WriteInt64BigEndian(into[RecordBatch.MaxTimestampAt..], stamped ? appendTimeMs : timestampMs);
        BinaryPrimitives.WriteInt64BigEndian(into[RecordBatch.ProducerIdAt..], RecordBatch.ProducerId(batch));
        BinaryPrimitives.WriteInt16BigEndian(into[RecordBatch.ProducerEpochAt..], RecordBatch.ProducerEpoch(batch));
        BinaryPrimitives.WriteInt32BigEndian(
            into[RecordBatch.BaseSequenceAt..], sequence < 0 ? sequence : (sequence + index) & int.MaxValue);
        BinaryPrimitives.WriteInt32BigEndian(into[RecordBatch.RecordCountAt..], 1);
        BinaryPrimitives.WriteUInt32BigEndian(into[RecordBatch.CrcAt..], Crc32C.Compute(into[RecordBatch.AttributesAt..size]));
    }

    private static int BodyBytes(in Record record) =>
        FixedBytes
        + Varint.Size(Varint.ZigZag(record.HasKey ? record.Key.Length : -1)) + record.Key.Length
        + Varint.Size(Varint.ZigZag(record.HasValue ? record.Value.Length : -1)) + record.Value.Length
        + Varint.Size(Varint.ZigZag(record.HeaderCount)) + record.Headers.Length;

    private static int WriteRecord(Span<byte> into, in Record record)
    {
        int at = WriteVarint(into, BodyBytes(record));
        into.Slice(at, FixedBytes).Clear();
        at += FixedBytes;
        at += WriteVarint(into[at..], record.HasKey ? record.Key.Length : -1);
        record.Key.CopyTo(into[at..]);
        at += record.Key.Length;
        at += WriteVarint(into[at..], record.HasValue ? record.Value.Length : -1);
        record.Value.CopyTo(into[at..]);
        at += record.Value.Length;
        at += WriteVarint(into[at..], record.HeaderCount);
        record.Headers.CopyTo(into[at..]);
        return at + record.Headers.Length;
    }

    private static int WriteVarint(Span<byte> into, int value) =>
        Varint.Write(ref MemoryMarshal.GetReference(into[..Varint.MaxBytes64]), Varint.ZigZag(value));
}
