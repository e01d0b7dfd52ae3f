using System.Globalization;
using Engine.Wire;

namespace Engine.Server.Tests;

/// <summary>
/// What a start reads of a large log, counted by the kernel (<c>rchar</c> in /proc/PID/io) and compared with that of an engine without any: next to
/// nothing after a clean stop, and after a death what lies behind the recovery point.
/// </summary>
public sealed class StartTests : IDisposable
{
    private const int SegmentBytes = 32 << 20;
    private const int ValueBytes = 64 << 10;

    /// <summary>Ends of segments, indexes and small files, and what the runtime reads more or less from one start to the next.</summary>
    private const long OtherBytesMax = 1 << 20;

    private static readonly string[] Settings = ["--set", $"log.segment.bytes={SegmentBytes}", "--set", "log.flush.offset.checkpoint.interval.ms=50"];

    private readonly TemporaryDirectory _data = new();

    public static IEnumerable<TheoryDataRow<int>> Sizes() =>
        [new TheoryDataRow<int>(256), new TheoryDataRow<int>(2048).WithTrait("Category", "Long")];

    public void Dispose() => _data.Dispose();

    [Theory]
    [MemberData(nameof(Sizes))]
    public void A_start_reads_next_to_nothing_after_a_clean_stop_and_only_what_was_not_flushed_after_a_death(int mebibytes)
    {
        long baseline = Baseline();
        long end;
        using (EngineProcess first = EngineProcess.Start(_data.Path, Settings))
        {
            using TestClient client = new(first.EndPoint);
            client.CreateTopic("large");
            end = Fill(client, mebibytes);
            Assert.Equal(0, first.Terminate());
        }

        using (EngineProcess second = EngineProcess.Start(_data.Path, Settings))
        {
            Assert.InRange(BytesRead(second) - baseline, long.MinValue, OtherBytesMax);
            using TestClient client = new(second.EndPoint);
            Assert.Equal(end, client.Fetch("large", end - 1).HighWatermark);

            // What was before is flushed when its segments have ended; then there are always some bytes that are not.
            end += Fill(client, mebibytes: SegmentBytes >> 20);
            WaitForRecoveryPoint(LastSegment().BaseOffset);
            second.Kill();
        }

        long behind = LastSegment().Bytes;
        Assert.InRange(behind, 1, SegmentBytes);
        using EngineProcess third = EngineProcess.Start(_data.Path, Settings);
        Assert.InRange(BytesRead(third) - baseline, long.MinValue, behind + OtherBytesMax);
        using TestClient reader = new(third.EndPoint);
        Assert.Equal(end, reader.Fetch("large", end - 1).HighWatermark);
    }

    private static long Baseline()
    {
        using TemporaryDirectory empty = new();
        using EngineProcess engine = EngineProcess.Start(empty.Path, Settings);
        return BytesRead(engine);
    }

    private static long BytesRead(EngineProcess engine)
    {
        string line = File.ReadLines($"/proc/{engine.Id}/io").Single(l => l.StartsWith("rchar: ", StringComparison.Ordinal));
        return long.Parse(line["rchar: ".Length..], CultureInfo.InvariantCulture);
    }

    private static long Fill(TestClient client, int mebibytes)
    {
        byte[] batch = TestClient.Batch(new byte[ValueBytes]);
        int batches = (int)(((long)mebibytes << 20) / batch.Length);
        for (int i = 0; i < batches; i++)
        {
            Assert.Equal(ErrorCode.None, client.Produce("large", batch).Error);
        }

        return batches;
    }

    private (long BaseOffset, long Bytes) LastSegment()
    {
        string last = Directory.GetFiles(Path.Combine(_data.Path, "large-0"), "*.log").Max(StringComparer.Ordinal)!;
        return (long.Parse(Path.GetFileNameWithoutExtension(last), CultureInfo.InvariantCulture), new FileInfo(last).Length);
    }

    private void WaitForRecoveryPoint(long offset)
    {
        string path = Path.Combine(_data.Path, "recovery-point-offset-checkpoint");
        Assert.True(
            SpinWait.SpinUntil(() => File.ReadAllLines(path).Contains($"large 0 {offset}"), TimeSpan.FromMinutes(1)),
            $"the recovery point is not {offset}: {File.ReadAllText(path)}");
    }
}
