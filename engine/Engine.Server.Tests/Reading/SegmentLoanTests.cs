using System.Text.RegularExpressions;
using Engine.Wire;

namespace Engine.Server.Tests;

/// <summary>Files of removed segments are written again only when every reader has had what it was sent of them.</summary>
public sealed partial class SegmentLoanTests : IDisposable
{
    private const int ValueBytes = 30_000;
    private const int BatchesPerSegment = 34; // of 1 MiB
    private const int SegmentsMax = 100;

    /// <summary>A roll takes a new file when the housekeeper is not done with the mark; and of lines alike the log has five a second.</summary>
    private const int MarkMs = 250;

    /// <summary>One for each test: lines of its log are limited in number.</summary>
    private readonly EngineFixture _engine = new();

    public void Dispose() => _engine.Dispose();

    [Fact]
    public void What_a_reader_has_not_read_stays_as_it_was_sent()
    {
        using TestClient writer = _engine.Connect();
        string topic = NewRing(writer);
        using TestClient reader = ConnectUnread(writer, topic, out byte[] first);

        UntilRecycled(topic, () => Write(writer, topic, BatchesPerSegment));
        Assert.Equal("removed", Removals(topic)[0]);
        Assert.Equal(first[RecordBatch.MagicAt..], reader.ReadFetch().Records[RecordBatch.MagicAt..]);
    }

    [Fact]
    public void What_a_reader_has_not_read_stays_although_it_asks_for_what_comes_behind()
    {
        using TestClient writer = _engine.Connect();
        string topic = NewRing(writer);
        using TestClient reader = ConnectUnread(writer, topic, out byte[] first);
        Write(writer, topic, 2 * BatchesPerSegment);
        reader.SendFetch(topic, BatchesPerSegment + 2, maxBytes: 1);
        WaitForBytes(reader, 2 * ValueBytes);

        UntilRecycled(topic, () => Write(writer, topic, BatchesPerSegment));
        Assert.Equal("removed", Removals(topic)[0]);
        Assert.Equal(first[RecordBatch.MagicAt..], reader.ReadFetch().Records[RecordBatch.MagicAt..]);
        Assert.Equal(BatchesPerSegment + 2, RecordBatch.BaseOffset(reader.ReadFetch().Records));
    }

    [Fact]
    public void Behind_a_reader_at_the_tail_files_are_written_again()
    {
        using TestClient writer = _engine.Connect();
        string topic = NewRing(writer);

        // A window that is never larger than 64 KiB: so little has to follow for all before it to have been read.
        using TestClient reader = new(_engine.EndPoint, receiveBufferBytes: 32_768);
        long offset = 0;
        UntilRecycled(topic, WriteAndRead, segmentsMin: 8);

        void WriteAndRead()
        {
            for (int i = 0; i < BatchesPerSegment; i++, offset++)
            {
                byte[] sent = Write(writer, topic, 1, seed: (byte)offset);
                byte[] received = reader.Fetch(topic, offset).Records;
                Assert.Equal(sent[RecordBatch.MagicAt..], received[RecordBatch.MagicAt..]);
            }
        }
    }

    /// <summary>A reader that has been sent the topic's first batch, and has not read it.</summary>
    private TestClient ConnectUnread(TestClient writer, string topic, out byte[] first)
    {
        first = Write(writer, topic, 1);
        TestClient reader = _engine.Connect();
        reader.SendFetch(topic, 0);
        WaitForBytes(reader, ValueBytes);
        return reader;
    }

    private string NewRing(TestClient client) =>
        _engine.NewTopic(client, 1, ("segment.bytes", $"{1 << 20}"), ("retention.bytes", $"{2 << 20}"), ("index.interval.bytes", "65536"));

    /// <summary>The last of the batches.</summary>
    private static byte[] Write(TestClient client, string topic, int batches, byte seed = 0)
    {
        byte[] batch = [];
        for (int i = 0; i < batches; i++)
        {
            byte[] value = new byte[ValueBytes];
            Array.Fill(value, (byte)(seed + i));
            batch = TestClient.Batch(value);
            Assert.Equal(ErrorCode.None, client.Produce(topic, batch).Error);
        }

        return batch;
    }

    private static void WaitForBytes(TestClient client, int bytes) =>
        Assert.True(SpinWait.SpinUntil(() => client.Available >= bytes, TimeSpan.FromMinutes(1)), $"{client.Available} of {bytes} bytes");

    /// <summary>Segment by segment, with the time for a mark between two rolls, until a file was written again.</summary>
    private void UntilRecycled(string topic, Action writeSegment, int segmentsMin = 0)
    {
        for (int segments = 0; segments < segmentsMin || !Removals(topic).Contains("recycled"); segments++)
        {
            Assert.True(segments < SegmentsMax, _engine.Log);
            writeSegment();
            Thread.Sleep(MarkMs);
        }
    }

    /// <summary>What became of the files of the topic's segments, oldest first.</summary>
    private List<string> Removals(string topic) =>
        [.. Removal().Matches(_engine.Log.Replace($"{topic}-0/", "\n", StringComparison.Ordinal)).Select(match => match.Groups[1].Value)];

    [GeneratedRegex(@"^\d{20}\.log bytes=\d+ file=(\w+)", RegexOptions.Multiline)]
    private static partial Regex Removal();
}
