using Engine.Storage;
using Engine.Wire;

namespace Engine.Server;

/// <summary>
/// Produce: each batch is checked in place, given its offset and appended as it is, from the receive buffer. The records stay shut.
/// </summary>
internal sealed class ProduceHandler
{
    private const short FirstWithLogAppendTime = 2;
    private const short FirstWithLogStartOffset = 5;
    private const short FirstWithZstd = 7;
    private const short FirstWithRecordErrors = 8;

    private readonly TopicTable _topics;
    private readonly ServerLog _log;

    public ProduceHandler(TopicTable topics, ServerLog log)
    {
        _topics = topics;
        _log = log;
    }

    public HandlerResult Handle(Connection connection, RequestHeader header, WireReader body, Span<byte> frame)
    {
        ProduceRequestReader.CheckWhole(body);
        ProduceRequestReader request = new(body);
        WireBuffer memory = connection.Out.Memory;
        int before = memory.Length;
        int start = Frames.BeginResponse(memory, ApiKey.Produce, header.Version, header.CorrelationId);
        bool failed = false;
        memory.WriteArrayLength(request.TopicCount);
        while (request.NextTopic(out ReadOnlySpan<byte> name, out int partitions))
        {
            memory.WriteStringBytes(name);
            memory.WriteArrayLength(partitions);
            while (request.NextPartition(out int index, out int recordsAt, out int recordsBytes))
            {
                Partition? partition = _topics.Find(name, index);
                long baseOffset = -1;
                ErrorCode error = CheckRequest(request)
                    ?? Append(connection, partition, frame.Slice(recordsAt, recordsBytes), header.Version, out baseOffset);
                failed |= error != ErrorCode.None;
                WriteAnswer(memory, header.Version, index, error, baseOffset, partition);
            }

            memory.WriteTags();
        }

        if (request.Acks != (short)Acks.None)
        {
            memory.WriteInt32(0); // throttle time
            memory.WriteTags();
            Frames.End(memory, start);
            return HandlerResult.Done;
        }

        // Nothing is answered without acknowledgements; that something went wrong can only be told by closing.
        memory.Truncate(before);
        if (failed)
        {
            _log.Refused(connection.Peer, "produce with acks=0 failed");
        }

        return failed ? HandlerResult.Close : HandlerResult.Done;
    }

    private static ErrorCode? CheckRequest(in ProduceRequestReader request)
    {
        if (request.Acks is < (short)Acks.All or > (short)Acks.Leader)
        {
            return ErrorCode.InvalidRequiredAcks;
        }

        // Transactions do not exist here.
        return request.HasTransactionalId ? ErrorCode.TransactionalIdAuthorizationFailed : null;
    }

    /// <summary>
    /// What Kafka's LogValidator asks of a batch without opening it, in its order (UnifiedLog.analyzeAndValidateRecords before it).
    /// </summary>
    private static ErrorCode Check(ReadOnlySpan<byte> batch, LogConfig config, short version)
    {
        if (batch.Length < RecordBatch.HeaderBytes)
        {
            return batch.Length == 0 ? ErrorCode.InvalidRecord : ErrorCode.CorruptMessage;
        }

        byte magic = batch[RecordBatch.MagicAt];
        long size = RecordBatch.SizeBytes(batch);
        if (size < RecordBatch.HeaderBytes || size > batch.Length || magic > RecordBatch.Magic)
        {
            return ErrorCode.CorruptMessage;
        }

        if (magic < RecordBatch.Magic || size < batch.Length || RecordBatch.BaseOffset(batch) != 0)
        {
            return ErrorCode.InvalidRecord; // an old format, several batches, or an offset that is not the client's to give
        }

        if (batch.Length > config.MaxMessageBytes)
        {
            return ErrorCode.MessageTooLarge;
        }

        if (batch.Length > config.SegmentBytes)
        {
            return ErrorCode.RecordListTooLarge;
        }

        return RecordBatch.Check(batch) switch
        {
            BatchFault.None => CheckAttributes(batch, version),
            BatchFault.Count => ErrorCode.InvalidRecord,
            _ => ErrorCode.CorruptMessage,
        };
    }

    private static ErrorCode CheckAttributes(ReadOnlySpan<byte> batch, short version)
    {
        CompressionType compression = RecordBatch.Compression(batch);
        if (compression > CompressionType.Zstd)
        {
            return ErrorCode.UnknownServerError; // what Kafka answers to a codec it has never heard of
        }

        if (compression == CompressionType.Zstd && version < FirstWithZstd)
        {
            return ErrorCode.UnsupportedCompressionType;
        }

        if (RecordBatch.IsControl(batch))
        {
            return ErrorCode.InvalidRecord;
        }

        if (RecordBatch.IsTransactional(batch))
        {
            return ErrorCode.TransactionalIdAuthorizationFailed;
        }

        // No producer id was ever given out here, and to take the batch would promise that a repeat is recognised.
        return RecordBatch.ProducerId(batch) == RecordBatch.NoProducerId ? ErrorCode.None : ErrorCode.UnknownProducerId;
    }

    private static void WriteAnswer(
        WireBuffer memory, short version, int index, ErrorCode error, long baseOffset, Partition? partition)
    {
        memory.WriteInt32(index);
        memory.WriteInt16((short)error);
        memory.WriteInt64(baseOffset);
        if (version >= FirstWithLogAppendTime)
        {
            memory.WriteInt64(-1); // log append time: timestamps are the producer's
        }

        if (version >= FirstWithLogStartOffset)
        {
            memory.WriteInt64(error == ErrorCode.None ? partition!.Log.StartOffset : -1);
        }

        if (version >= FirstWithRecordErrors)
        {
            memory.WriteArrayLength(0);
            memory.WriteNullableString(null);
        }

        memory.WriteTags();
    }

    private ErrorCode Append(Connection connection, Partition? partition, Span<byte> batch, short version, out long baseOffset)
    {
        baseOffset = -1;
        if (partition is null)
        {
            return ErrorCode.UnknownTopicOrPartition;
        }

        ErrorCode error = Check(batch, partition.Log.Config, version);
        if (error != ErrorCode.None)
        {
            return error;
        }

        try
        {
            baseOffset = partition.Log.Append(batch);
        }
        catch (LogDeletedException)
        {
            return ErrorCode.UnknownTopicOrPartition;
        }
        catch (IOException failure)
        {
            _log.StorageFailed("append-failed", partition.Log.Name, failure);
            return ErrorCode.KafkaStorageError;
        }

        connection.Loop.Counters.ProduceBytes += batch.Length;
        partition.Waiters.WakeAll(connection.Loop);
        return ErrorCode.None;
    }
}
