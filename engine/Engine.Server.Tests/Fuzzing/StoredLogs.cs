using System.Net;
using Engine.Wire;

namespace Engine.Server.Tests.Fuzzing;

/// <summary>Reads everything that an engine has stored.</summary>
internal static class StoredLogs
{
    /// <summary>Every batch is whole, and begins where the one before it ended. Returns their number.</summary>
    public static int AssertSound(IPEndPoint engine)
    {
        using TestClient client = new(engine);
        MetadataResponse metadata = client.Ask<MetadataRequest, MetadataResponse>(ApiKey.Metadata, 1, new MetadataRequest { Topics = null });
        return metadata.Topics.Sum(topic => topic.Partitions.Sum(partition => AssertSound(client, topic.Name!, partition.Index)));
    }

    private static int AssertSound(TestClient client, string topic, int partition)
    {
        int batches = 0;
        long offset = client.Fetch(topic, long.MaxValue, partition: partition).LogStartOffset;
        while (true)
        {
            Fetched fetched = client.Fetch(topic, offset, partition: partition);
            Assert.True(fetched.Error == ErrorCode.None, $"{topic}-{partition} at {offset}: {fetched.Error}");
            ReadOnlySpan<byte> left = fetched.Records;
            long next = offset;
            while (left.Length >= RecordBatch.HeaderBytes && RecordBatch.SizeBytes(left) <= left.Length)
            {
                ReadOnlySpan<byte> batch = left[..(int)RecordBatch.SizeBytes(left)];
                Assert.True(RecordBatch.Check(batch) == BatchFault.None, $"{topic}-{partition} at {next}: {RecordBatch.Check(batch)}");

                // The first may begin before what was asked for.
                bool continues = next == offset ? RecordBatch.BaseOffset(batch) <= next : RecordBatch.BaseOffset(batch) == next;
                Assert.True(continues, $"{topic}-{partition}: {RecordBatch.BaseOffset(batch)} follows where {next} has to");
                next = RecordBatch.BaseOffset(batch) + RecordBatch.RecordCount(batch);
                left = left[batch.Length..];
                batches++;
            }

            if (next == offset)
            {
                Assert.Equal(fetched.HighWatermark, offset);
                return batches;
            }

            offset = next;
        }
    }
}
