using Engine.Storage;
using Engine.Wire;

namespace Engine.Server;

/// <summary>ListOffsets: the ends of a log, and offsets by timestamp. OffsetForLeaderEpoch: the end of an epoch.</summary>
internal sealed class OffsetsHandler
{
    private const short FirstWithMaxTimestamp = 7;

    private readonly TopicTable _topics;

    public OffsetsHandler(TopicTable topics) => _topics = topics;

    public HandlerResult HandleList(Connection connection, RequestHeader header, WireReader body)
    {
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
                    : Find(topic.Name, asked, version))],
            });
        }

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

    private ListOffsetsPartitionResult Find(string topic, ListOffsetsPartition asked, short version)
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
                Take(log.OffsetOfMaxTimestamp(), result);
                break;
            case < 0:
                result.Error = ErrorCode.UnsupportedVersion;
                break;
            default:
                Take(log.OffsetForTimestamp(asked.Timestamp), result);
                break;
        }

        return result;
    }

    private static void Take(OffsetAndTimestamp? offset, ListOffsetsPartitionResult result)
    {
        if (offset is { } found)
        {
            result.Offset = found.Offset;
            result.Timestamp = found.TimestampMs;
            result.LeaderEpoch = LeaderEpoch.Current;
        }
    }
}
