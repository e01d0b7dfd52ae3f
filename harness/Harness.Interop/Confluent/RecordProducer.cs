using Confluent.Kafka;
using Harness.Interop.Contract;

namespace Harness.Interop.Confluent;

/// <summary>Sends records and waits for their acknowledgements.</summary>
internal static class RecordProducer
{
    public static DriverAnswer Produce(DriverRequest request)
    {
        ProducerConfig config = new()
        {
            BootstrapServers = request.Broker,
            CompressionType = Enum.Parse<CompressionType>(request.Codec ?? "none", ignoreCase: true),
            Acks = (Acks)(request.Acks ?? -1),
            MessageTimeoutMs = request.TimeoutMs ?? 60_000,
            LingerMs = 5,
        };
        List<string> errors = [];
        using IProducer<byte[]?, byte[]?> producer = new ProducerBuilder<byte[]?, byte[]?>(config)
            .SetKeySerializer(AsIs.Bytes)
            .SetValueSerializer(AsIs.Bytes)
            .Build();
        foreach (DriverRecord record in request.Records ?? [])
        {
            producer.Produce(new TopicPartition(request.Topic, record.Partition), Message(record), report =>
            {
                if (report.Error.IsError)
                {
                    errors.Add(report.Error.ToString());
                }
            });
        }

        // Delivery reports come on the thread that polls, which Flush waits for.
        producer.Flush(TimeSpan.FromMilliseconds(request.TimeoutMs ?? 60_000));
        return errors.Count == 0 ? new DriverAnswer() : new DriverAnswer { Error = string.Join("; ", errors) };
    }

    private static Message<byte[]?, byte[]?> Message(DriverRecord record)
    {
        Headers headers = [];
        foreach (RecordHeader header in record.Headers)
        {
            headers.Add(header.Key, header.Value);
        }

        Message<byte[]?, byte[]?> message = new() { Key = record.Key, Value = record.Value, Headers = headers };
        if (record.Timestamp is { } timestamp)
        {
            message.Timestamp = new Timestamp(timestamp, TimestampType.CreateTime);
        }

        return message;
    }

    /// <summary>Null stays null.</summary>
    private sealed class AsIs : ISerializer<byte[]?>
    {
        public static readonly AsIs Bytes = new();

        public byte[]? Serialize(byte[]? data, SerializationContext context) => data;
    }
}
