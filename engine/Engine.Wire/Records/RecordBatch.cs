using System.Buffers.Binary;

namespace Engine.Wire;

/// <summary>The compression of a batch: the low three bits of its attributes.</summary>
public enum CompressionType
{
    None = 0,
    Gzip = 1,
    Snappy = 2,
    Lz4 = 3,
    Zstd = 4,
}

/// <summary>
/// The layout of a record batch (magic 2) and what is read and written in its header in place. A batch is
/// <see cref="HeaderBytes"/> of header, then records. Base offset and leader epoch are the broker's and lie outside the checksum,
/// which is what lets a broker store a batch as it came.
/// (Kafka: clients/…/common/record/DefaultRecordBatch.java.)
/// </summary>
public static class RecordBatch
{
    public const int BaseOffsetAt = 0;
    public const int LengthAt = 8;
    public const int LeaderEpochAt = 12;
    public const int MagicAt = 16;
    public const int CrcAt = 17;
    public const int AttributesAt = 21;
    public const int LastOffsetDeltaAt = 23;
    public const int BaseTimestampAt = 27;
    public const int MaxTimestampAt = 35;
    public const int ProducerIdAt = 43;
    public const int ProducerEpochAt = 51;
    public const int BaseSequenceAt = 53;
    public const int RecordCountAt = 57;
    public const int HeaderBytes = 61;

    /// <summary>Bytes before and including the length field: what <see cref="LengthAt"/> does not count.</summary>
    public const int LogOverheadBytes = 12;

    /// <summary>The least that a record takes: length, attributes, two deltas, key and value length, header count.</summary>
    public const int RecordBytesMin = 7;

    public const byte Magic = 2;
    public const long NoProducerId = -1;
    public const short NoProducerEpoch = -1;
    public const int NoSequence = -1;
    public const long NoTimestamp = -1;

    private const int CompressionMask = 0x7;
    private const int LogAppendTimeBit = 0x8;
    private const int TransactionalBit = 0x10;
    private const int ControlBit = 0x20;

    public static long BaseOffset(ReadOnlySpan<byte> batch) => BinaryPrimitives.ReadInt64BigEndian(batch[BaseOffsetAt..]);

    /// <summary>The whole batch's size in bytes as its length field claims; may be nonsense in an unchecked batch.</summary>
    public static long SizeBytes(ReadOnlySpan<byte> batch) =>
        (long)BinaryPrimitives.ReadInt32BigEndian(batch[LengthAt..]) + LogOverheadBytes;

    public static int LeaderEpoch(ReadOnlySpan<byte> batch) => BinaryPrimitives.ReadInt32BigEndian(batch[LeaderEpochAt..]);

    public static uint Crc(ReadOnlySpan<byte> batch) => BinaryPrimitives.ReadUInt32BigEndian(batch[CrcAt..]);

    public static short Attributes(ReadOnlySpan<byte> batch) => BinaryPrimitives.ReadInt16BigEndian(batch[AttributesAt..]);

    public static CompressionType Compression(ReadOnlySpan<byte> batch) => (CompressionType)(Attributes(batch) & CompressionMask);

    public static bool IsLogAppendTime(ReadOnlySpan<byte> batch) => (Attributes(batch) & LogAppendTimeBit) != 0;

    public static bool IsTransactional(ReadOnlySpan<byte> batch) => (Attributes(batch) & TransactionalBit) != 0;

    public static bool IsControl(ReadOnlySpan<byte> batch) => (Attributes(batch) & ControlBit) != 0;

    public static int LastOffsetDelta(ReadOnlySpan<byte> batch) => BinaryPrimitives.ReadInt32BigEndian(batch[LastOffsetDeltaAt..]);

    public static long LastOffset(ReadOnlySpan<byte> batch) => BaseOffset(batch) + LastOffsetDelta(batch);

    public static long BaseTimestamp(ReadOnlySpan<byte> batch) => BinaryPrimitives.ReadInt64BigEndian(batch[BaseTimestampAt..]);

    public static long MaxTimestamp(ReadOnlySpan<byte> batch) => BinaryPrimitives.ReadInt64BigEndian(batch[MaxTimestampAt..]);

    public static long ProducerId(ReadOnlySpan<byte> batch) => BinaryPrimitives.ReadInt64BigEndian(batch[ProducerIdAt..]);

    public static short ProducerEpoch(ReadOnlySpan<byte> batch) => BinaryPrimitives.ReadInt16BigEndian(batch[ProducerEpochAt..]);

    public static int BaseSequence(ReadOnlySpan<byte> batch) => BinaryPrimitives.ReadInt32BigEndian(batch[BaseSequenceAt..]);

    /// <summary>The sequence of the last record: behind the largest one they begin again with 0.</summary>
    public static int LastSequence(ReadOnlySpan<byte> batch) => (BaseSequence(batch) + LastOffsetDelta(batch)) & int.MaxValue;

    public static int RecordCount(ReadOnlySpan<byte> batch) => BinaryPrimitives.ReadInt32BigEndian(batch[RecordCountAt..]);

    /// <summary>Writes the two fields that belong to the broker. The checksum stays valid.</summary>
    public static void Assign(Span<byte> batch, long baseOffset, int leaderEpoch)
    {
        BinaryPrimitives.WriteInt64BigEndian(batch[BaseOffsetAt..], baseOffset);
        BinaryPrimitives.WriteInt32BigEndian(batch[LeaderEpochAt..], leaderEpoch);
    }

    /// <summary>
    /// Writes whose timestamps the batch has and the largest of them, and the checksum, which covers both; nothing at all when they stand
    /// there already.
    /// </summary>
    public static void SetTimestamps(Span<byte> batch, bool logAppendTime, long maxTimestampMs)
    {
        if (IsLogAppendTime(batch) == logAppendTime && MaxTimestamp(batch) == maxTimestampMs)
        {
            return;
        }

        int attributes = (Attributes(batch) & ~LogAppendTimeBit) | (logAppendTime ? LogAppendTimeBit : 0);
        BinaryPrimitives.WriteInt16BigEndian(batch[AttributesAt..], (short)attributes);
        BinaryPrimitives.WriteInt64BigEndian(batch[MaxTimestampAt..], maxTimestampMs);
        BinaryPrimitives.WriteUInt32BigEndian(batch[CrcAt..], Crc32C.Compute(batch[AttributesAt..]));
    }

    /// <summary>True when the stored checksum is that of the bytes from the attributes to the batch's end.</summary>
    public static bool CrcMatches(ReadOnlySpan<byte> batch) => Crc32C.Compute(batch[AttributesAt..]) == Crc(batch);

    /// <summary>
    /// What is checked of a batch without opening its records: that it is whole and exactly <paramref name="batch"/>, its magic,
    /// its counts and its checksum. Callers add what depends on where the batch came from.
    /// </summary>
    /// <param name="checksum">False when the caller has checked it, or does.</param>
    public static BatchFault Check(ReadOnlySpan<byte> batch, bool checksum = true)
    {
        if (batch.Length < HeaderBytes || SizeBytes(batch) != batch.Length)
        {
            return BatchFault.Size;
        }

        if (batch[MagicAt] != Magic)
        {
            return BatchFault.Magic;
        }

        int count = RecordCount(batch);
        if (count <= 0 || count != (long)LastOffsetDelta(batch) + 1)
        {
            return BatchFault.Count;
        }

        return !checksum || CrcMatches(batch) ? BatchFault.None : BatchFault.Crc;
    }
}

/// <summary>Why a batch is not valid.</summary>
public enum BatchFault
{
    None,

    /// <summary>Shorter than a header, or its length field does not say what is there.</summary>
    Size,
    Magic,

    /// <summary>Record count not positive, or not the last offset delta plus one.</summary>
    Count,
    Crc,

    /// <summary>The records are compressed and cannot be unpacked; found only by who does so, not by <see cref="RecordBatch.Check"/>.</summary>
    Compression,
}
