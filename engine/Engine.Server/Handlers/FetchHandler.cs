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

    /// <summary>In place of a number of resident bytes: the disk is to be read first.</summary>
    private const int NeedsDisk = -1;

    private readonly TopicTable _topics;
    private readonly ServerConfig _config;
    private readonly ColdReaders _coldReaders;
    private readonly ServerLog _log;
    private readonly FetchWaiterLimits _waiters;

    public FetchHandler(TopicTable topics, ServerConfig config, ColdReaders coldReaders, ServerLog log)
    {
        _coldReaders = coldReaders;
        _topics = topics;
        _config = config;
        _log = log;
        _waiters = new FetchWaiterLimits(config);
    }

    public FetchWaiterLimits Waiters => _waiters;

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

        FetchRead? read = connection.Reads?.Fetch;
        if (read is not null && connection.Reads!.StillWaits(read))
        {
            return HandlerResult.Park;
        }

        bool mayWait = request.MaxWaitMs > 0 && request.MinBytes > 0 && request.TopicCount > 0 && !Expired(connection);
        (int Memory, int Chunks) mark = connection.Out.Mark();
        FetchAnswer answer = Answer(connection, header, request, mayWait);
        if (answer == FetchAnswer.TooLittle)
        {
            connection.Out.Rollback(mark);
            Park(connection, body, header.Version);

            // An append between the look and the parking woke nobody: look again.
            answer = Answer(connection, header, request, mayWait);
        }

        if (answer == FetchAnswer.Queued)
        {
            connection.EndWait();
            read?.Reset();
            return HandlerResult.Done;
        }

        connection.Out.Rollback(mark);
        if (answer == FetchAnswer.NeedsDisk)
        {
            return connection.Reads!.Park(connection.Reads.Fetch, _coldReaders, DeadlineNanos(request));
        }

        read?.Reset();
        return HandlerResult.Park;
    }

    private static bool Expired(Connection connection) =>
        connection.WaitDeadlineNanos != 0 && MonotonicClock.Nanos() >= connection.WaitDeadlineNanos;

    private static long DeadlineNanos(FetchRequestReader request) =>
        MonotonicClock.Nanos() + (Math.Max(0, request.MaxWaitMs) * NanosPerMilli);

    private static HandlerResult Refuse(Connection connection, RequestHeader header, ErrorCode error)
    {
        WireBuffer memory = connection.Out.Memory;
        int start = Frames.BeginResponse(memory, ApiKey.Fetch, header.Version, header.CorrelationId);
        memory.WriteInt32(0);
        memory.WriteError(error);
        memory.WriteInt32(NoSession);
        memory.WriteArrayLength(0);
        memory.WriteTags();
        Frames.End(memory, start);
        return HandlerResult.Done;
    }

    /// <summary>Queues the answer, or what of it there was when the request has to wait.</summary>
    private FetchAnswer Answer(Connection connection, RequestHeader header, FetchRequestReader request, bool mayWait)
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
        bool needsDisk = false;
        bool ended = false;
        memory.WriteArrayLength(request.TopicCount);
        while (request.NextTopic(out ReadOnlySpan<byte> name, out int partitions))
        {
            memory.WriteStringBytes(name);
            memory.WriteArrayLength(partitions);
            while (request.NextPartition(out FetchPartition asked))
            {
                Partition? partition = _topics.Find(name, asked.Index);
                int limit = Math.Max(0, Math.Min(bytesLeft, asked.MaxBytes));
                bool firstOfAll = sliceBytes == 0 && !needsDisk;
                ErrorCode error = Read(connection, partition, asked, limit, firstOfAll, out LogSlice slice, out int residentBytes);
                WritePartition(memory, header.Version, asked.Index, error, partition, slice.Length);
                if (residentBytes == NeedsDisk)
                {
                    // The others are still looked at, so that all are read at once; for them it counts as what it may come to.
                    needsDisk = true;
                    bytesLeft -= limit;
                }
                else if (slice.Length > 0)
                {
                    ended |= partition!.Log.IsOfEndedSegment(slice);
                    connection.Send(partition.Log, slice, residentBytes);
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
        if (needsDisk)
        {
            return FetchAnswer.NeedsDisk;
        }

        // At the end of a segment waiting brings nothing: what comes is appended to another (Kafka: DelayedFetch, "not on the last segment").
        if (mayWait && !failed && !ended && sliceBytes < request.MinBytes)
        {
            return FetchAnswer.TooLittle;
        }

        connection.Loop.Counters.FetchBytes += sliceBytes;
        return FetchAnswer.Queued;
    }

    private ErrorCode Read(
        Connection connection,
        Partition? partition,
        FetchPartition asked,
        int limit,
        bool firstOfAll,
        out LogSlice slice,
        out int residentBytes)
    {
        slice = default;
        residentBytes = 0;
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

        try
        {
            if (!SliceFinder.TryFind(
                connection, partition.Log, asked.Offset, limit, firstOfAll, out ReadResult result, out slice, out residentBytes))
            {
                residentBytes = NeedsDisk;
                return ErrorCode.None;
            }

            return result switch
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
        memory.WriteError(error);
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
        int waitNumber = connection.BeginWait(DeadlineNanos(request));
        connection.Loop.SetTimer(connection);
        while (request.NextTopic(out ReadOnlySpan<byte> name, out _))
        {
            while (request.NextPartition(out FetchPartition asked))
            {
                if (_topics.Find(name, asked.Index)?.Waiters.Add(connection, waitNumber, _waiters) == false)
                {
                    _log.LimitReached(connection.Peer, _waiters.Reached);
                }
            }
        }
    }
}

/// <summary>What became of a look at what a fetch asks for.</summary>
internal enum FetchAnswer
{
    Queued,

    /// <summary>The request may wait for more to be appended.</summary>
    TooLittle,

    /// <summary>Something of it is to be read from the disk first.</summary>
    NeedsDisk,
}
