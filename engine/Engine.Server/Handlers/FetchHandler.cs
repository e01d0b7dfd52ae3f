using Engine.Linux;
using Engine.Storage;
using Engine.Wire;

namespace Engine.Server;

/// <summary>
/// Fetch: answers at once when there is enough or something is wrong, otherwise parks until an append or the deadline. Records go out
/// by sendfile; only what surrounds them is written to memory.
/// </summary>
internal sealed class FetchHandler
{
    private const short FirstWithLogStartOffset = 5;
    private const short FirstWithSessions = 7;
    private const short FirstWithPreferredReplica = 11;
    private const int NoSession = 0;
    private const int InitialEpoch = 0;
    private const int FinalEpoch = -1;
    private const long NanosPerMilli = 1_000_000;

    private readonly TopicTable _topics;
    private readonly ServerConfig _config;
    private readonly ServerLog _log;

    public FetchHandler(TopicTable topics, ServerConfig config, ServerLog log)
    {
        _topics = topics;
        _config = config;
        _log = log;
    }

    public HandlerResult Handle(Connection connection, RequestHeader header, WireReader body)
    {
        FetchRequestReader.CheckWhole(body, header.Version);
        FetchRequestReader request = new(body, header.Version);
        if (request.SessionEpoch is not (InitialEpoch or FinalEpoch))
        {
            // There are no sessions here; a client that asks for one is told "none" in a full answer, and goes on without. A full
            // request closes the session it names, which is as good as done.
            ErrorCode error = request.SessionId != NoSession ? ErrorCode.FetchSessionIdNotFound : ErrorCode.InvalidFetchSessionEpoch;
            return Refuse(connection, header, error);
        }

        bool mayWait = request.MaxWaitMs > 0 && request.MinBytes > 0 && request.TopicCount > 0 && !Expired(connection);
        (int Memory, int Chunks) mark = connection.Out.Mark();
        if (Answer(connection, header, request, mayWait))
        {
            return HandlerResult.Done;
        }

        connection.Out.Rollback(mark);
        Park(connection, body, header.Version);

        // An append between the look and the parking woke nobody: look again.
        if (!Answer(connection, header, request, mayWait))
        {
            connection.Out.Rollback(mark);
            return HandlerResult.Park;
        }

        connection.EndWait();
        return HandlerResult.Done;
    }

    private static bool Expired(Connection connection) =>
        connection.WaitDeadlineNanos != 0 && MonotonicClock.Nanos() >= connection.WaitDeadlineNanos;

    private static HandlerResult Refuse(Connection connection, RequestHeader header, ErrorCode error)
    {
        WireBuffer memory = connection.Out.Memory;
        int start = Frames.BeginResponse(memory, ApiKey.Fetch, header.Version, header.CorrelationId);
        memory.WriteInt32(0);
        memory.WriteInt16((short)error);
        memory.WriteInt32(NoSession);
        memory.WriteArrayLength(0);
        memory.WriteTags();
        Frames.End(memory, start);
        return HandlerResult.Done;
    }

    /// <summary>Queues the answer; false when it holds too little and the request may wait for more.</summary>
    private bool Answer(Connection connection, RequestHeader header, FetchRequestReader request, bool mayWait)
    {
        WireBuffer memory = connection.Out.Memory;
        int start = Frames.BeginResponse(memory, ApiKey.Fetch, header.Version, header.CorrelationId);
        memory.WriteInt32(0); // throttle time
        if (header.Version >= FirstWithSessions)
        {
            memory.WriteInt16((short)ErrorCode.None);
            memory.WriteInt32(NoSession);
        }

        int bytesLeft = Math.Min(request.MaxBytes, _config.FetchMaxBytes);
        int sliceBytes = 0;
        bool failed = false;
        memory.WriteArrayLength(request.TopicCount);
        while (request.NextTopic(out ReadOnlySpan<byte> name, out int partitions))
        {
            memory.WriteStringBytes(name);
            memory.WriteArrayLength(partitions);
            while (request.NextPartition(out FetchPartition asked))
            {
                Partition? partition = _topics.Find(name, asked.Index);
                ErrorCode error = Read(partition, asked, bytesLeft, firstOfAll: sliceBytes == 0, out LogSlice slice);
                WritePartition(memory, header.Version, asked.Index, error, partition, slice.Length);
                if (slice.Length > 0)
                {
                    connection.Out.Add(slice);
                    sliceBytes += slice.Length;
                    bytesLeft -= slice.Length;
                }

                memory.WriteTags();
                failed |= error != ErrorCode.None;
            }

            memory.WriteTags();
        }

        memory.WriteTags();

        Frames.End(memory, start, sliceBytes);
        if (mayWait && !failed && sliceBytes < request.MinBytes)
        {
            return false;
        }

        connection.Loop.Counters.FetchBytes += sliceBytes;
        return true;
    }

    private ErrorCode Read(Partition? partition, FetchPartition asked, int bytesLeft, bool firstOfAll, out LogSlice slice)
    {
        slice = default;
        if (partition is null)
        {
            return ErrorCode.UnknownTopicOrPartition;
        }

        // Kafka takes every negative epoch of a fetch for none, unlike in other requests; so none is too old here.
        if (asked.CurrentLeaderEpoch > LeaderEpoch.Current)
        {
            return ErrorCode.UnknownLeaderEpoch;
        }

        if (asked.LastFetchedEpoch > LeaderEpoch.Current)
        {
            return ErrorCode.OffsetOutOfRange; // Kafka: the end of an epoch that was never there cannot be found
        }

        int limit = Math.Max(0, Math.Min(bytesLeft, asked.MaxBytes));
        try
        {
            return partition.Log.TryRead(asked.Offset, limit, minOneBatch: firstOfAll, out slice) switch
            {
                ReadResult.Ok => ErrorCode.None,
                ReadResult.OffsetOutOfRange => ErrorCode.OffsetOutOfRange,
                ReadResult.Offline => ErrorCode.KafkaStorageError,
                _ => ErrorCode.UnknownTopicOrPartition,
            };
        }
        catch (IOException failure)
        {
            _log.StorageFailed("read-failed", partition.Log.Name, failure);
            return ErrorCode.KafkaStorageError;
        }
    }

    private static void WritePartition(
        WireBuffer memory, short version, int index, ErrorCode error, Partition? partition, int sliceBytes)
    {
        bool known = partition is not null && error is ErrorCode.None or ErrorCode.OffsetOutOfRange;
        long highWatermark = known ? partition!.Log.EndOffset : -1;
        memory.WriteInt32(index);
        memory.WriteInt16((short)error);
        memory.WriteInt64(highWatermark);
        memory.WriteInt64(highWatermark); // last stable offset: without transactions all is stable
        if (version >= FirstWithLogStartOffset)
        {
            memory.WriteInt64(known ? partition!.Log.StartOffset : -1);
        }

        memory.WriteArrayLength(-1); // aborted transactions
        if (version >= FirstWithPreferredReplica)
        {
            memory.WriteInt32(-1);
        }

        memory.WriteBytesLength(sliceBytes); // records, never null
    }

    private void Park(Connection connection, WireReader body, short version)
    {
        FetchRequestReader request = new(body, version);
        int waitNumber = connection.BeginWait(MonotonicClock.Nanos() + (request.MaxWaitMs * NanosPerMilli));
        connection.Loop.SetTimer(connection);
        while (request.NextTopic(out ReadOnlySpan<byte> name, out _))
        {
            while (request.NextPartition(out FetchPartition asked))
            {
                _topics.Find(name, asked.Index)?.Waiters.Add(connection, waitNumber);
            }
        }
    }
}
