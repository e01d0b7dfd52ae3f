using Engine.Wire;

namespace Harness.Load;

/// <summary>Asks a broker where the logs of a topic's partitions end: in one request, on a connection of its own.</summary>
internal static class LogEnds
{
    private const short Version = 1;
    private const string Api = "ListOffsets";

    /// <summary>The offset behind the last record of each partition, in their order.</summary>
    public static long[] Ask(BrokerAddress broker, LoadOptions options, int partitions, CancellationToken cancellation)
    {
        ConsumerOptions consumer = new() { Topic = options.Topic, Partitions = [] };
        using FetchConnection connection = new(broker, consumer, cancellation);
        ListOffsetsRequest request = new()
        {
            Topics =
            [
                new()
                {
                    Name = options.Topic,
                    Partitions = [.. Enumerable.Range(0, partitions).Select(index => new ListOffsetsPartition { Index = index, Timestamp = ListOffsetsRequest.Latest })],
                },
            ],
        };
        WireBuffer writer = new();
        int start = Frames.BeginRequest(writer, ApiKey.ListOffsets, Version, 1, options.ClientId);
        ListOffsetsRequest.Describe(ref writer, request, Version);
        Frames.End(writer, start);
        connection.Send(writer.Written, Api, cancellation);
        ListOffsetsResponse response = new();
        try
        {
            WireReader reader = new(connection.Receive(Api, cancellation));
            Frames.ReadResponseHeader(ref reader, ApiKey.ListOffsets, Version);
            ListOffsetsResponse.Describe(ref reader, response, Version);
        }
        catch (WireFormatException malformed)
        {
            throw new BrokerException(broker.Text, Api, $"malformed response: {malformed.Message}");
        }

        return Ends(response, broker, partitions);
    }

    private static long[] Ends(ListOffsetsResponse response, BrokerAddress broker, int partitions)
    {
        long[] ends = new long[partitions];
        Array.Fill(ends, -1);
        foreach (ListOffsetsPartitionResult result in response.Topics.SelectMany(static topic => topic.Partitions))
        {
            if (result.Error != ErrorCode.None)
            {
                throw BrokerException.Answered(broker.Text, Api, result.Index, result.Error);
            }

            if (result.Index < 0 || result.Index >= partitions)
            {
                throw new BrokerException(broker.Text, Api, $"the answer names partition {result.Index}");
            }

            ends[result.Index] = result.Offset;
        }

        int missing = Array.IndexOf(ends, -1);
        return missing < 0 ? ends : throw new BrokerException(broker.Text, Api, "the answer does not hold a partition that was asked for", missing);
    }
}
