using System.Buffers.Binary;
using Engine.Storage;
using Engine.Wire;

namespace Engine.Server;

/// <summary>
/// Produce: each batch is checked in place, given its offset and appended as it is, from the receive buffer. The records stay shut unless
/// <c>record.validation=full</c>; then those of compressed batches are looked at by <see cref="RecordValidators"/>, and the request waits.
/// </summary>
internal sealed class ProduceHandler
{
    private const short FirstWithLogAppendTime = 2;
    private const short FirstWithLogStartOffset = 5;
    private const short FirstWithRecordErrors = 8;

    private const string TooManyProducers =
        "no more producers can be remembered (producer.state.entries.max); idempotence could not be promised";

    private readonly TopicTable _topics;
    private const string CompressedUnpacked = "compressed batches are not taken where records are stored one by one (technique.batching=record)";

    private readonly bool _full;
    private readonly bool _byRecord;
    private readonly RecordValidators _validators;
    private readonly ServerLog _log;

    public ProduceHandler(TopicTable topics, ServerConfig config, RecordValidators validators, ServerLog log)
    {
        _topics = topics;
        _full = config.RecordValidation == RecordValidation.Full;
        _byRecord = config.Log.Batching == Batching.Record;
        _validators = validators;
        _log = log;
    }

    public HandlerResult Handle(Connection connection, RequestHeader header, WireReader body, Span<byte> frame)
    {
        if (connection.Flushing is { IsActive: true } flushing)
        {
            return flushing.Resume(connection.Out.Memory, header.Version);
        }

        ProduceRequestReader.CheckWhole(body);
        ProduceRequestReader request = new(body);
        Survey(request, frame, out bool transactional, out bool compressed);
        ValidationJob? unpacked = null;
        if (_full && !_byRecord && compressed && !transactional)
        {
            unpacked = connection.Validation ??= new ValidationJob(connection);
            if (!HasUnpacked(unpacked, request, frame, header.Version))
            {
                return HandlerResult.Park;
            }
        }

        int before = connection.Out.Memory.Length;
        HandlerResult result = Answer(connection, header, request, frame, transactional, unpacked);
        unpacked?.Reset();
        return connection.Flushing is { IsNeeded: true } wait ? wait.Begin(connection.Out.Memory, before, header.Version) : result;
    }

    private HandlerResult Answer(
        Connection connection,
        RequestHeader header,
        ProduceRequestReader request,
        Span<byte> frame,
        bool transactional,
        ValidationJob? unpacked)
    {
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
                Span<byte> records = frame.Slice(recordsAt, recordsBytes);
                AppendResult appended = new(default, -1, RecordBatch.NoTimestamp);
                BatchVerdict verdict = transactional
                    ? BatchVerdict.Refused(ErrorCode.TransactionalIdAuthorizationFailed)
                    : Validate(partition, name, records, recordsAt, header.Version, request.Acks, unpacked);
                if (verdict.Error == ErrorCode.None)
                {
                    verdict = Append(connection, partition!, records[..verdict.Bytes], verdict, out appended);
                }

                if (verdict.Error != ErrorCode.None)
                {
                    failed = true;
                    LogRefusal(connection, verdict);
                }
                else if (appended.FlushTo > 0 && request.Acks != (short)Acks.None)
                {
                    (connection.Flushing ??= new FlushWait(connection)).Add(partition!.Log, appended.FlushTo, memory.Length);
                }

                WriteAnswer(memory, header.Version, index, verdict, appended, partition);
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

    /// <summary>
    /// Looks for what concerns the whole request: there are no transactions here, and a batch of one has every partition refused, as in Kafka.
    /// </summary>
    private static void Survey(ProduceRequestReader request, ReadOnlySpan<byte> frame, out bool transactional, out bool compressed)
    {
        transactional = compressed = false;
        while (request.NextTopic(out _, out _))
        {
            while (request.NextPartition(out _, out int recordsAt, out int recordsBytes))
            {
                if (recordsBytes >= RecordBatch.HeaderBytes)
                {
                    ReadOnlySpan<byte> batch = frame.Slice(recordsAt, recordsBytes);
                    transactional |= batch[RecordBatch.MagicAt] == RecordBatch.Magic && RecordBatch.IsTransactional(batch);
                    compressed |= RecordBatch.Compression(batch) != CompressionType.None;
                }
            }
        }
    }

    /// <summary>True when the compressed batches have been looked at, or none needs to be; otherwise the request has to wait.</summary>
    private bool HasUnpacked(ValidationJob job, ProduceRequestReader request, ReadOnlySpan<byte> frame, short version)
    {
        if (job.State != ValidationState.Idle)
        {
            // Handled again for another reason than that it is done.
            return job.State == ValidationState.Done;
        }

        while (request.NextTopic(out ReadOnlySpan<byte> name, out _))
        {
            while (request.NextPartition(out int index, out int recordsAt, out int recordsBytes))
            {
                ReadOnlySpan<byte> records = frame.Slice(recordsAt, recordsBytes);
                if (_topics.Find(name, index) is { } partition
                    && BatchValidation.CheckForm(records, version, out int bytes) == ErrorCode.None
                    && RecordBatch.Compression(records) != CompressionType.None)
                {
                    job.Add(recordsAt, bytes, partition.Log.Config);
                }
            }
        }

        if (job.Items.IsEmpty)
        {
            return true;
        }

        job.Start(_validators);
        return false;
    }

    /// <summary>What Kafka asks of a batch before it is appended, in Kafka's order.</summary>
    private BatchVerdict Validate(
        Partition? partition,
        ReadOnlySpan<byte> topic,
        ReadOnlySpan<byte> records,
        int recordsAt,
        short version,
        short acks,
        ValidationJob? unpacked)
    {
        if (partition is null)
        {
            return BatchVerdict.Refused(ErrorCode.UnknownTopicOrPartition);
        }

        ErrorCode error = BatchValidation.CheckForm(records, version, out int bytes);
        if (error != ErrorCode.None)
        {
            return BatchVerdict.Refused(error);
        }

        if (acks is < (short)Acks.All or > (short)Acks.Leader)
        {
            return BatchVerdict.Refused(ErrorCode.InvalidRequiredAcks);
        }

        if (InternalTopics.Contains(topic))
        {
            return BatchVerdict.Refused(ErrorCode.InvalidTopic);
        }

        ReadOnlySpan<byte> batch = records[..bytes];
        LogConfig config = partition.Log.Config;
        long nowMs = DateTimeOffset.UtcNow.ToUnixTimeMilliseconds();
        if (!_full && !_byRecord)
        {
            return BatchValidation.ByHeader(batch, config, nowMs);
        }

        bool isCompressed = RecordBatch.Compression(batch) != CompressionType.None;
        if (isCompressed && !_byRecord)
        {
            // A partition that came into being meanwhile was not there for this request.
            return unpacked?.Take(recordsAt) ?? BatchVerdict.Refused(ErrorCode.UnknownTopicOrPartition);
        }

        error = BatchValidation.CheckHeader(batch, config);
        return error == ErrorCode.None && isCompressed
            ? BatchVerdict.Refused(ErrorCode.UnsupportedCompressionType, CompressedUnpacked)
            : error == ErrorCode.None
            ? BatchValidation.ByRecords(batch, batch[RecordBatch.HeaderBytes..], config, nowMs)
            : BatchVerdict.Refused(error);
    }

    /// <summary>Makes a failure of the answer that <see cref="WriteAnswer"/> wrote for a partition.</summary>
    public static void WriteFailure(Span<byte> answer, short version, ErrorCode error)
    {
        const int index = sizeof(int);
        int offsets = 1 + (version >= FirstWithLogAppendTime ? 1 : 0) + (version >= FirstWithLogStartOffset ? 1 : 0);
        BinaryPrimitives.WriteInt16BigEndian(answer[index..], (short)error);

        // Base offset, log append time and log start offset: each −1.
        answer.Slice(index + sizeof(short), offsets * sizeof(long)).Fill(0xFF);
    }

    private static void WriteAnswer(
        WireBuffer memory, short version, int index, in BatchVerdict verdict, in AppendResult appended, Partition? partition)
    {
        memory.WriteInt32(index);
        memory.WriteError(verdict.Error);
        memory.WriteInt64(appended.BaseOffset);
        if (version >= FirstWithLogAppendTime)
        {
            memory.WriteInt64(appended.TimestampMs);
        }

        if (version >= FirstWithLogStartOffset)
        {
            memory.WriteInt64(verdict.Error == ErrorCode.None ? partition!.Log.StartOffset : -1);
        }

        if (version >= FirstWithRecordErrors)
        {
            memory.WriteArrayLength(0);
            memory.WriteNullableString(verdict.Message);
        }

        memory.WriteTags();
    }

    /// <summary>What no sound client sends, or an operator can mend. Other errors are part of a client's life.</summary>
    private void LogRefusal(Connection connection, in BatchVerdict verdict)
    {
        if (verdict.Error is ErrorCode.CorruptMessage or ErrorCode.InvalidRecord or ErrorCode.InvalidTimestamp or ErrorCode.MessageTooLarge
            or ErrorCode.RecordListTooLarge or ErrorCode.UnknownServerError or ErrorCode.UnsupportedCompressionType or ErrorCode.PolicyViolation)
        {
            _log.Refused(connection.Peer, verdict.Message is null ? $"produce: {verdict.Error}" : $"produce: {verdict.Error}: {verdict.Message}");
        }
    }

    private BatchVerdict Append(
        Connection connection, Partition partition, Span<byte> batch, in BatchVerdict verdict, out AppendResult appended)
    {
        appended = new AppendResult(default, -1, RecordBatch.NoTimestamp);
        try
        {
            // Does nothing to a batch whose header speaks the truth.
            RecordBatch.SetTimestamps(batch, logAppendTime: false, verdict.MaxTimestampMs);
            appended = partition.Log.AppendFromProducer(batch);
        }
        catch (LogDeletedException)
        {
            return BatchVerdict.Refused(ErrorCode.UnknownTopicOrPartition);
        }
        catch (LogOfflineException)
        {
            // Said once, when it went offline.
            return BatchVerdict.Refused(ErrorCode.KafkaStorageError);
        }
        catch (IOException failure)
        {
            _log.StorageFailed("append-failed", partition.Log.Name, failure);

            // Of a batch of more than a segment, stored record by record, a part may be there.
            partition.Waiters.WakeAll(connection.Loop);
            return BatchVerdict.Refused(ErrorCode.KafkaStorageError);
        }

        switch (appended.Outcome)
        {
            case AppendOutcome.Appended:
                connection.Loop.Counters.ProduceBytes += batch.Length;
                partition.Waiters.WakeAll(connection.Loop);
                return verdict;
            case AppendOutcome.Duplicate:
                return verdict;
            case AppendOutcome.OutOfOrderSequence:
                return BatchVerdict.Refused(ErrorCode.OutOfOrderSequenceNumber);
            case AppendOutcome.InvalidProducerEpoch:
                return BatchVerdict.Refused(ErrorCode.InvalidProducerEpoch);
            default:
                return BatchVerdict.Refused(ErrorCode.PolicyViolation, TooManyProducers);
        }
    }
}
