using Engine.Storage;
using Engine.Wire;

namespace Engine.Server;

/// <summary>ListOffsets: the ends of a log, and offsets by timestamp. OffsetForLeaderEpoch: the end of an epoch.</summary>
internal sealed class OffsetsHandler
{
    private const short FirstWithMaxTimestamp = 7;

    private readonly TopicTable _topics;
    private readonly ColdReaders _coldReaders;
    private readonly ServerLog _log;

    public OffsetsHandler(TopicTable topics, ColdReaders coldReaders, ServerLog log)
    {
        _topics = topics;
        _coldReaders = coldReaders;
        _log = log;
    }

    public HandlerResult HandleList(Connection connection, RequestHeader header, WireReader body)
    {
        ConnectionReads reads = connection.Reads ??= new ConnectionReads(connection);
        if (reads.StillWaits(reads.Offsets))
        {
            return HandlerResult.Park;
        }

        ListOffsetsRequest request = ControlAnswer.Read<ListOffsetsRequest>(body, header.Version);
        ListOffsetsResponse response = new();
        short version = header.Version;
        foreach (ListOffsetsTopic topic in request.Topics)
        {
            HashSet<int> twice = [.. topic.Partitions.GroupBy(p => p.Index).Where(g => g.Count() > 1).Select(g => g.Key)];
            response.Topics.Add(new ListOffsetsTopicResult
            {
                Name = topic.Name,
                Partitions = [.. topic.Partitions.DistinctBy(asked => asked.Index).Select(asked => twice.Contains(asked.Index)
                    ? new ListOffsetsPartitionResult { Index = asked.Index, Error = ErrorCode.InvalidRequest }
                    : Find(topic.Name, asked, version, reads.Offsets))],
            });
        }

        if (reads.Offsets.HasUnread)
        {
            return reads.Park(reads.Offsets, _coldReaders);
        }

        connection.EndWait();
        reads.Offsets.Reset();
        return ControlAnswer.Send(connection, header, response);
    }

    public HandlerResult HandleEpochEnd(Connection connection, RequestHeader header, WireReader body)
    {
        OffsetForLeaderEpochRequest request = ControlAnswer.Read<OffsetForLeaderEpochRequest>(body, header.Version);
        OffsetForLeaderEpochResponse response = new();
        foreach (OffsetForLeaderEpochTopic topic in request.Topics)
        {
            response.Topics.Add(new OffsetForLeaderEpochTopicResult
            {
                Name = topic.Name,
                Partitions = [.. topic.Partitions.Select(asked => FindEpochEnd(topic.Name, asked))],
            });
        }

        return ControlAnswer.Send(connection, header, response);
    }

    private EpochEndOffset FindEpochEnd(string topic, OffsetForLeaderEpochPartition asked)
    {
        EpochEndOffset result = new() { Index = asked.Index };
        if (_topics.Find(topic)?.Partitions.ElementAtOrDefault(asked.Index) is not { } partition)
        {
            result.Error = ErrorCode.UnknownTopicOrPartition;
            return result;
        }

        result.Error = LeaderEpoch.Check(asked.CurrentLeaderEpoch);
        if (result.Error == ErrorCode.None && asked.LeaderEpoch == LeaderEpoch.Current)
        {
            // The present epoch ends, so far, where the log does.
            result.LeaderEpoch = LeaderEpoch.Current;
            result.EndOffset = partition.Log.EndOffset;
        }

        return result;
    }

    private ListOffsetsPartitionResult Find(string topic, ListOffsetsPartition asked, short version, OffsetSearch search)
    {
        ListOffsetsPartitionResult result = new() { Index = asked.Index };
        TopicEntry? entry = _topics.Find(topic);
        if (entry is null || (uint)asked.Index >= (uint)entry.Partitions.Count)
        {
            result.Error = ErrorCode.UnknownTopicOrPartition;
            return result;
        }

        result.Error = LeaderEpoch.Check(asked.CurrentLeaderEpoch);
        if (result.Error != ErrorCode.None)
        {
            return result;
        }

        PartitionLog log = entry.Partitions[asked.Index].Log;
        if (log.IsOffline)
        {
            result.Error = ErrorCode.KafkaStorageError;
            return result;
        }

        switch (asked.Timestamp)
        {
            case ListOffsetsRequest.Latest:
                result.Offset = log.EndOffset;
                result.LeaderEpoch = LeaderEpoch.Current;
                break;
            case ListOffsetsRequest.Earliest:
                result.Offset = log.StartOffset;
                result.LeaderEpoch = LeaderEpoch.Current;
                break;
            case ListOffsetsRequest.MaxTimestamp when version >= FirstWithMaxTimestamp:
                Take(search, log, OffsetSearch.LargestTimestamp, result);
                break;
            case < 0:
                result.Error = ErrorCode.UnsupportedVersion;
                break;
            default:
                Take(search, log, asked.Timestamp, result);
                break;
        }

        return result;
    }

    /// <summary>Takes up what a reader thread has found, or has it look.</summary>
    private void Take(OffsetSearch search, PartitionLog log, long timestampMs, ListOffsetsPartitionResult result)
    {
        if (search.Find(log, timestampMs) is not { } found)
        {
            search.Add(log, timestampMs);
        }
        else if (found.Failure is not null)
        {
            _log.StorageFailed("read-failed", log.Name, found.Failure);
            result.Error = ErrorCode.KafkaStorageError;
        }
        else if (found.Offset is { } offset)
        {
            result.Offset = offset.Offset;
            result.Timestamp = offset.TimestampMs;
            result.LeaderEpoch = LeaderEpoch.Current;
        }
    }
}
