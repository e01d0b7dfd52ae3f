using System.Diagnostics;
using Confluent.Kafka;
using Harness.Interop.Contract;

namespace Harness.Interop.Confluent;

/// <summary>Reads partitions from their beginning without a group, and asks what a group has committed without joining it.</summary>
internal static class RecordConsumer
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(100);

    private static readonly ErrorCode[] CoordinatorErrors =
        [ErrorCode.NotCoordinatorForGroup, ErrorCode.GroupLoadInProgress, ErrorCode.GroupCoordinatorNotAvailable];

    public static DriverAnswer Consume(DriverRequest request)
    {
        using IConsumer<byte[]?, byte[]?> consumer = Build(request, $"reader-{Guid.NewGuid():N}");
        consumer.Assign(Partitions(request).Select(partition => new TopicPartitionOffset(partition, Offset.Beginning)));
        List<DriverRecord> records = [];
        Stopwatch watch = Stopwatch.StartNew();
        while (records.Count < request.Count)
        {
            TimeSpan left = TimeSpan.FromMilliseconds(request.TimeoutMs ?? 60_000) - watch.Elapsed;
            if (left <= TimeSpan.Zero)
            {
                return new DriverAnswer { Error = $"{records.Count} of {request.Count} records came in time" };
            }

            if (consumer.Consume(left) is { } result)
            {
                records.Add(Record(result));
            }
        }

        return new DriverAnswer { Records = records };
    }

    public static DriverAnswer Committed(DriverRequest request)
    {
        using IConsumer<byte[]?, byte[]?> consumer = Build(request, request.Group!);
        List<TopicPartitionOffset> committed = Committed(consumer, Partitions(request), TimeSpan.FromMilliseconds(request.TimeoutMs ?? 60_000));
        return new DriverAnswer { Offsets = [.. committed.OrderBy(entry => entry.Partition.Value).Select(entry => entry.Offset == Offset.Unset ? -1 : entry.Offset.Value)] };
    }

    /// <summary>The library does not ask again by itself when the coordinator is not ready or has moved.</summary>
    private static List<TopicPartitionOffset> Committed(IConsumer<byte[]?, byte[]?> consumer, IEnumerable<TopicPartition> partitions, TimeSpan timeout)
    {
        Stopwatch watch = Stopwatch.StartNew();
        while (true)
        {
            try
            {
                return consumer.Committed(partitions, timeout - watch.Elapsed);
            }
            catch (KafkaException e) when (CoordinatorErrors.Contains(e.Error.Code) && watch.Elapsed + Pause < timeout)
            {
                Thread.Sleep(Pause);
            }
        }
    }

    private static IEnumerable<TopicPartition> Partitions(DriverRequest request) =>
        Enumerable.Range(0, request.Partitions ?? 1).Select(partition => new TopicPartition(request.Topic, partition));

    private static IConsumer<byte[]?, byte[]?> Build(DriverRequest request, string group) => new ConsumerBuilder<byte[]?, byte[]?>(new ConsumerConfig
    {
        BootstrapServers = request.Broker,
        GroupId = group,
        EnableAutoCommit = false,
        CheckCrcs = true,
    }).Build();

    private static DriverRecord Record(ConsumeResult<byte[]?, byte[]?> result) => new()
    {
        Partition = result.Partition,
        Offset = result.Offset,
        Key = result.Message.Key,
        Value = result.Message.Value,
        Headers = [.. result.Message.Headers.Select(header => new RecordHeader(header.Key, header.GetValueBytes()))],
        Timestamp = result.Message.Timestamp.UnixTimestampMs,
    };
}
