using Engine.Storage;
using Engine.Wire;

namespace Engine.Server;

/// <summary>DeleteRecords: raises where logs start. Answered when a restart would find it so.</summary>
internal sealed class DeleteRecordsHandler
{
    private readonly TopicTable _topics;
    private readonly ServerLog _log;

    public DeleteRecordsHandler(TopicTable topics, ServerLog log)
    {
        _topics = topics;
        _log = log;
    }

    public HandlerResult Handle(Connection connection, RequestHeader header, WireReader body)
    {
        DeleteRecordsRequest request = ControlAnswer.Read<DeleteRecordsRequest>(body, header.Version);
        DeleteRecordsResponse response = new();
        foreach (DeleteRecordsTopic topic in request.Topics)
        {
            response.Topics.Add(new DeleteRecordsTopicResult
            {
                Name = topic.Name,
                Partitions = [.. topic.Partitions.Select(asked => Delete(topic.Name, asked))],
            });
        }

        List<DeleteRecordsPartitionResult> deleted = [.. response.Topics.SelectMany(t => t.Partitions).Where(p => p.Error == ErrorCode.None)];
        ErrorCode saved = deleted.Count > 0 ? _topics.SaveStartOffsets(_log) : ErrorCode.None;
        if (saved != ErrorCode.None)
        {
            foreach (DeleteRecordsPartitionResult result in deleted)
            {
                result.Error = saved;
                result.LowWatermark = -1;
            }
        }

        return ControlAnswer.Send(connection, header, response);
    }

    private DeleteRecordsPartitionResult Delete(string topic, DeleteRecordsPartition asked)
    {
        DeleteRecordsPartitionResult result = new() { Index = asked.Index };
        if (_topics.Find(topic)?.Partitions.ElementAtOrDefault(asked.Index) is not { } partition)
        {
            result.Error = ErrorCode.UnknownTopicOrPartition;
            return result;
        }

        if (InternalTopics.Contains(topic))
        {
            result.Error = ErrorCode.InvalidTopic;
            return result;
        }

        PartitionLog log = partition.Log;
        long offset = asked.Offset == DeleteRecordsRequest.HighWatermark ? log.EndOffset : asked.Offset;
        result.Error = log.DeleteRecordsTo(offset) switch
        {
            ReadResult.Ok => ErrorCode.None,
            ReadResult.OffsetOutOfRange => ErrorCode.OffsetOutOfRange,
            ReadResult.Offline => ErrorCode.KafkaStorageError,
            _ => ErrorCode.UnknownTopicOrPartition,
        };
        if (result.Error == ErrorCode.None)
        {
            result.LowWatermark = log.StartOffset;
        }

        return result;
    }
}
