using Engine.Storage;
using Engine.Wire;

namespace Engine.Server;

/// <summary>ListOffsets: the ends of a log, and offsets by timestamp.</summary>
internal sealed class OffsetsHandler
{
    private readonly TopicTable _topics;

    public OffsetsHandler(TopicTable topics) => _topics = topics;

    public HandlerResult Handle(Connection connection, RequestHeader header, WireReader body)
    {
        ListOffsetsRequest request = ControlAnswer.Read<ListOffsetsRequest>(body, header.Version);
        ListOffsetsResponse response = new();
        foreach (ListOffsetsTopic topic in request.Topics)
        {
            HashSet<int> twice = [.. topic.Partitions.GroupBy(p => p.Index).Where(g => g.Count() > 1).Select(g => g.Key)];
            response.Topics.Add(new ListOffsetsTopicResult
            {
                Name = topic.Name,
                Partitions = [.. topic.Partitions.Select(asked => twice.Contains(asked.Index)
                    ? new ListOffsetsPartitionResult { Index = asked.Index, Error = ErrorCode.InvalidRequest }
                    : Find(topic.Name, asked))],
            });
        }

        return ControlAnswer.Send(connection, header, response);
    }

    private ListOffsetsPartitionResult Find(string topic, ListOffsetsPartition asked)
    {
        ListOffsetsPartitionResult result = new() { Index = asked.Index };
        TopicEntry? entry = _topics.Find(topic);
        if (entry is null || (uint)asked.Index >= (uint)entry.Partitions.Count)
        {
            result.Error = ErrorCode.UnknownTopicOrPartition;
            return result;
        }

        if (asked.CurrentLeaderEpoch > 0)
        {
            result.Error = ErrorCode.UnknownLeaderEpoch;
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
                result.LeaderEpoch = 0;
                break;
            case ListOffsetsRequest.Earliest:
                result.Offset = log.StartOffset;
                result.LeaderEpoch = 0;
                break;
            case < 0:
                result.Error = ErrorCode.UnsupportedVersion;
                break;
            default:
                FindByTime(log, asked.Timestamp, result);
                break;
        }

        return result;
    }

    private static void FindByTime(PartitionLog log, long timestampMs, ListOffsetsPartitionResult result)
    {
        if (log.OffsetForTimestamp(timestampMs) is { } found)
        {
            result.Offset = found.Offset;
            result.Timestamp = found.TimestampMs;
            result.LeaderEpoch = 0;
        }
    }
}
