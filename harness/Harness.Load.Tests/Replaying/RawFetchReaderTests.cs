using Engine.Wire;

namespace Harness.Load.Tests;

public class RawFetchReaderTests
{
    private const string Topic = "test";

    /// <summary>Behind length, response head, topic name, number of partitions, and the partition's head and tail.</summary>
    private const int BatchAt = 4 + 18 + 2 + 4 + 4 + 34 + 8;

    [Theory]
    [InlineData(1)]
    [InlineData(7)]
    [InlineData(61)]
    [InlineData(1000)]
    [InlineData(100_000)]
    public void A_response_is_walked_however_it_is_cut_into_pieces(int pieceBytes)
    {
        (RawFetchReader reader, RawPartition[] partitions, FlowCounters consumed) = Reader(3);
        ReplayedResponses responses = new(LoadPlan.From(LoadRun.Scenario(100, 3, batchBytes: 4096)), Topic, 64 * 1024, responseBytes: 20_000);
        int batches = 0;
        foreach (byte[] frame in responses.Frames)
        {
            reader.BeginResponse(0, 0);
            Assert.True(Feed(reader, [.. BigEndian(frame.Length), .. frame], pieceBytes));
            batches += 20_000 / 4096;
        }

        Assert.All(partitions, partition => Assert.Equal(responses.Messages(partition.Index), partition.Position));
        Assert.All(partitions, partition => Assert.Equal((0, 0, 0), (partition.Missing, partition.Repeated, partition.Damaged)));
        Assert.Equal(partitions.Sum(partition => partition.Position), consumed.MessageCount);
        Assert.Equal(batches, FlowCounters.Sum([consumed], 100).Batches);
    }

    [Fact]
    public void Offsets_that_skip_or_come_again_are_counted()
    {
        (RawFetchReader reader, RawPartition[] partitions, _) = Reader(1);
        ReplayedResponses responses = new(LoadPlan.From(LoadRun.Scenario(100, 1, batchBytes: 4096)), Topic, 8 * 1024, responseBytes: 4096);
        byte[] first = [.. BigEndian(responses.Frames[0].Length), .. responses.Frames[0]];
        byte[] second = [.. BigEndian(responses.Frames[1].Length), .. responses.Frames[1]];
        reader.BeginResponse(0, 0);
        Assert.True(Feed(reader, second, second.Length));
        long records = partitions[0].Missing;
        Assert.True(records > 0);
        reader.BeginResponse(0, 0);
        Assert.True(Feed(reader, first, first.Length));
        Assert.Equal(records, partitions[0].Repeated);
        Assert.Equal(2 * records, partitions[0].Position);
    }

    [Fact]
    public void A_batch_of_another_format_is_damage()
    {
        (RawFetchReader reader, RawPartition[] partitions, _) = Reader(1);
        byte[] frame = Frame();
        frame[BatchAt + RecordBatch.MagicAt] = 1;
        reader.BeginResponse(0, 0);
        Assert.True(Feed(reader, frame, frame.Length));
        Assert.Equal(1, partitions[0].Damaged);
    }

    public static TheoryData<string, int, byte[]> Malformed => new()
    {
        { "the answer to request 5", 4, [0, 0, 0, 5] },
        { "2 topics where one was asked for", 4 + 14, [0, 0, 0, 2] },
        { "partition 9, which was not asked for", 4 + 18 + 2 + Topic.Length + 4, [0, 0, 0, 9] },
        { "UNKNOWN_TOPIC_OR_PARTITION", 4 + 18 + 2 + Topic.Length + 4 + 4, [0, 3] },
        { "OFFSET_OUT_OF_RANGE", 4 + 18 + 2 + Topic.Length + 4 + 4, [0, 1] },
        { "longer than its frame", 0, [0, 0, 0, 30] },
        { "a frame of -1 bytes", 0, [255, 255, 255, 255] },
        { "a batch of 22 bytes", BatchAt + RecordBatch.LengthAt, [0, 0, 0, 10] },
        { "the first batch of a response is cut", BatchAt + RecordBatch.LengthAt, [0, 1, 0, 0] },
    };

    [Theory]
    [MemberData(nameof(Malformed))]
    public void What_is_no_answer_to_the_request_is_refused(string reason, int at, byte[] bytes)
    {
        (RawFetchReader reader, _, _) = Reader(1);
        byte[] frame = Frame();
        bytes.CopyTo(frame, at);
        reader.BeginResponse(0, 0);
        BrokerException failure = Assert.Throws<BrokerException>(() => Feed(reader, frame, frame.Length));
        if (reason == "OFFSET_OUT_OF_RANGE")
        {
            Assert.Equal(ErrorCode.OffsetOutOfRange, failure.Error);
            return;
        }

        Assert.Contains(reason, failure.Message, StringComparison.Ordinal);
    }

    private static byte[] Frame()
    {
        ReplayedResponses responses = new(LoadPlan.From(LoadRun.Scenario(100, 1, batchBytes: 4096)), Topic, 4096, responseBytes: 4096);
        return [.. BigEndian(responses.Frames[0].Length), .. responses.Frames[0]];
    }

    private static (RawFetchReader Reader, RawPartition[] Partitions, FlowCounters Consumed) Reader(int partitions)
    {
        RawPartition[] all = [.. Enumerable.Range(0, partitions).Select(index => new RawPartition(index))];
        FlowCounters consumed = new();
        return (new RawFetchReader("here", all, consumed), all, consumed);
    }

    private static bool Feed(RawFetchReader reader, ReadOnlySpan<byte> bytes, int pieceBytes)
    {
        bool whole = false;
        while (!bytes.IsEmpty)
        {
            Span<byte> free = reader.Free;
            int count = Math.Min(Math.Min(pieceBytes, free.Length), bytes.Length);
            bytes[..count].CopyTo(free);
            bytes = bytes[count..];
            whole = reader.Received(count);
        }

        return whole;
    }

    private static byte[] BigEndian(int value) => [(byte)(value >> 24), (byte)(value >> 16), (byte)(value >> 8), (byte)value];
}
