using System.Diagnostics;
using Confluent.Kafka;
using Harness.Interop.Contract;

namespace Harness.Interop.Confluent;

/// <summary>Reads partitions from their beginning without a group, and asks what a group has committed without joining it.</summary>
internal static class RecordConsumer
{
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
        List<TopicPartitionOffset> committed = consumer.Committed(Partitions(request), TimeSpan.FromMilliseconds(request.TimeoutMs ?? 60_000));
        return new DriverAnswer { Offsets = [.. committed.OrderBy(entry => entry.Partition.Value).Select(entry => entry.Offset == Offset.Unset ? -1 : entry.Offset.Value)] };
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
