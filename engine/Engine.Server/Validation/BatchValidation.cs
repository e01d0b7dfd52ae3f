using System.Buffers.Binary;
using Engine.Storage;
using Engine.Wire;

namespace Engine.Server;

/// <summary>
/// What is asked of a batch from a client before it is stored, in Kafka's order, so that a batch with several faults gets the same answer. In
/// place, and without allocation.
/// (Kafka: ProduceRequest.validateRecords, UnifiedLog.analyzeAndValidateRecords, LogValidator.)
/// </summary>
internal static class BatchValidation
{
    /// <summary>The least that Kafka takes for a batch's length field: a message of its oldest format.</summary>
    private const int LengthMin = 14;

    /// <summary>Bytes up to the format's number; without them Kafka sees no batch.</summary>
    private const int BytesToMagic = 17;

    private const short FirstWithZstd = 7;

    /// <summary>The first batch in what was sent for a partition.</summary>
    /// <param name="bytes">Its size; 0 when there is none.</param>
    /// <returns>False when what stands there cannot be a batch.</returns>
    public static bool TryFindBatch(ReadOnlySpan<byte> records, out int bytes)
    {
        bytes = 0;
        if (records.Length < RecordBatch.LogOverheadBytes)
        {
            return true;
        }

        int length = BinaryPrimitives.ReadInt32BigEndian(records[RecordBatch.LengthAt..]);
        if (length < LengthMin)
        {
            return false;
        }

        if (records.Length < BytesToMagic)
        {
            return true;
        }

        if (records[RecordBatch.MagicAt] > RecordBatch.Magic)
        {
            return false;
        }

        bytes = length <= records.Length - RecordBatch.LogOverheadBytes ? length + RecordBatch.LogOverheadBytes : 0;
        return true;
    }

    /// <summary>That there is one batch of the present format, with a codec that the request's version knows.</summary>
    public static ErrorCode CheckForm(ReadOnlySpan<byte> records, short version, out int bytes)
    {
        if (!TryFindBatch(records, out bytes))
        {
            return ErrorCode.CorruptMessage;
        }

        if (bytes == 0 || records[RecordBatch.MagicAt] != RecordBatch.Magic)
        {
            return ErrorCode.InvalidRecord;
        }

        if (bytes < RecordBatch.HeaderBytes)
        {
            return ErrorCode.CorruptMessage;
        }

        if (version < FirstWithZstd && RecordBatch.Compression(records) == CompressionType.Zstd)
        {
            return ErrorCode.UnsupportedCompressionType;
        }

        // What is behind it and is no batch is cut off.
        return !TryFindBatch(records[bytes..], out int next) ? ErrorCode.CorruptMessage
            : next > 0 ? ErrorCode.InvalidRecord
            : ErrorCode.None;
    }

    /// <summary>What can be said of a batch without opening it. The batch is whole.</summary>
    public static ErrorCode CheckHeader(ReadOnlySpan<byte> batch, LogConfig config)
    {
        if (RecordBatch.BaseOffset(batch) != 0)
        {
            return ErrorCode.InvalidRecord;
        }

        if (batch.Length > config.MaxMessageBytes)
        {
            return ErrorCode.MessageTooLarge;
        }

        if (!RecordBatch.CrcMatches(batch))
        {
            return ErrorCode.CorruptMessage;
        }

        if (RecordBatch.Compression(batch) > CompressionType.Zstd)
        {
            return ErrorCode.UnknownServerError; // What Kafka answers to a codec it has never heard of.
        }

        if (RecordBatch.Check(batch, checksum: false) != BatchFault.None || RecordBatch.IsControl(batch))
        {
            return ErrorCode.InvalidRecord;
        }

        return RecordBatch.ProducerId(batch) > RecordBatch.NoProducerId && RecordBatch.BaseSequence(batch) < 0
            ? ErrorCode.InvalidRecord
            : ErrorCode.None;
    }

    /// <summary>The whole of <c>record.validation=batch</c>: the header, whose word is taken for the timestamps.</summary>
    public static BatchVerdict ByHeader(ReadOnlySpan<byte> batch, LogConfig config, long nowMs)
    {
        ErrorCode error = CheckHeader(batch, config);
        long max = RecordBatch.MaxTimestamp(batch);
        if (error == ErrorCode.None)
        {
            long first = RecordBatch.IsLogAppendTime(batch) ? max : RecordBatch.BaseTimestamp(batch);
            error = CheckTimestamps(batch, config, nowMs, Math.Min(first, max), Math.Max(first, max));
        }

        return Conclude(error, batch, config, max);
    }

    /// <summary>The whole of <c>record.validation=full</c>, but for unpacking.</summary>
    /// <param name="records">The batch's records, unpacked.</param>
    public static BatchVerdict ByRecords(ReadOnlySpan<byte> batch, ReadOnlySpan<byte> records, LogConfig config, long nowMs)
    {
        if (!RecordsCheck.TryWalk(records, RecordBatch.RecordCount(batch), out long min, out long max))
        {
            return BatchVerdict.Refused(ErrorCode.InvalidRecord);
        }

        // The records of a batch that claims the broker's time have the one time of its header.
        bool stamped = RecordBatch.IsLogAppendTime(batch);
        min = stamped ? RecordBatch.MaxTimestamp(batch) : RecordBatch.BaseTimestamp(batch) + min;
        max = stamped ? RecordBatch.MaxTimestamp(batch) : RecordBatch.BaseTimestamp(batch) + max;
        return Conclude(CheckTimestamps(batch, config, nowMs, min, max), batch, config, max);
    }

    private static BatchVerdict Conclude(ErrorCode error, ReadOnlySpan<byte> batch, LogConfig config, long maxTimestampMs) =>
        error != ErrorCode.None ? BatchVerdict.Refused(error)
        : batch.Length > config.SegmentBytes ? BatchVerdict.Refused(ErrorCode.RecordListTooLarge)
        : new BatchVerdict { Bytes = batch.Length, MaxTimestampMs = maxTimestampMs };

    private static ErrorCode CheckTimestamps(ReadOnlySpan<byte> batch, LogConfig config, long nowMs, long min, long max)
    {
        if (config.MessageTimestampType == TimestampType.LogAppendTime)
        {
            return RecordBatch.IsLogAppendTime(batch) ? ErrorCode.InvalidTimestamp : ErrorCode.None;
        }

        // The differences are of times that a client made up, and may overflow as Kafka's do; "none" is not a time.
        bool early = min != RecordBatch.NoTimestamp && nowMs - min > config.MessageTimestampBeforeMaxMs;
        bool late = max != RecordBatch.NoTimestamp && max - nowMs > config.MessageTimestampAfterMaxMs;
        return early || late ? ErrorCode.InvalidTimestamp : ErrorCode.None;
    }
}
