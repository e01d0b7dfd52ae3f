using Harness.Verdicts.Trials;
using Results;

namespace Harness.Verdicts.Tests.Trials;

public sealed class TechniquesSeenTests
{
    private const long Megabyte = 1_000_000;

    /// <summary>1,000 batches of 100 records in 4,000 bytes each.</summary>
    private static readonly FlowTotals Flow = new(100_000, 3 * Megabyte, 4 * Megabyte, 1000);

    [Theory]
    [InlineData(1000, "batch")]
    [InlineData(500, "batch")]
    [InlineData(25_000, "batch")]
    [InlineData(25_100, "mixed")]
    [InlineData(75_000, "record")]
    [InlineData(100_000, "record")]
    [InlineData(19, null)]
    public void A_write_a_batch_and_a_write_a_record_are_told_apart(long writes, string? setting)
    {
        // Half as many of the same call go to sockets and to what wakes threads, which are no writes to a log.
        KernelEvidence evidence = Evidence(new MovedBytes("write", "file", 200, 4000), new MovedBytes("write", "socket", 40, 9000), new MovedBytes("write", "other", 60, 480)) with
        {
            Calls = [new CallCount("write", writes * 3 / 2)],
        };
        Assert.Equal(setting, Seen(evidence, "batching")?.Setting);
    }

    [Fact]
    public void Where_batches_hold_one_record_nothing_is_said_of_batching() =>
        Assert.Null(Seen(Evidence(new MovedBytes("pwrite64", "file", 500, 50_000)) with { Calls = [new CallCount("pwrite64", 1000)] }, "batching", new FlowTotals(1000, 30_000, 100_000, 1000)));

    [Theory]
    [InlineData(1000, 1000, "sequential")]
    [InlineData(1000, 990, "sequential")]
    [InlineData(1000, 989, "mixed")]
    [InlineData(1000, 500, "scattered")]
    [InlineData(1000, 0, "scattered")]
    [InlineData(19, 19, null)]
    public void The_log_is_judged_by_where_writes_begin(long writes, long continuing, string? setting)
    {
        KernelEvidence evidence = Evidence();
        evidence = evidence with { Recorded = evidence.Recorded! with { Writes = new WriteOrder(1, writes, continuing, Megabyte) } };
        Assert.Equal(setting, Seen(evidence, "log")?.Setting);
    }

    [Theory]
    [InlineData(100 * Megabyte, 0, "sendfile")]
    [InlineData(100 * Megabyte, 11 * Megabyte, "sendfile")]
    [InlineData(100 * Megabyte, 12 * Megabyte, "mixed")]
    [InlineData(1 * Megabyte, 100 * Megabyte, "copy")]
    [InlineData(1000, 1000, null)]
    public void Transfer_is_judged_by_bytes_and_not_by_what_is_claimed(long sent, long read, string? setting) =>
        Assert.Equal(setting, Seen(Evidence(new MovedBytes("sendfile64", "socket", 10, sent), new MovedBytes("pread64", "file", 10, read), new MovedBytes("recvfrom", "socket", 9, 1 << 30)), "transfer")?.Setting);

    [Theory]
    [InlineData(true, "direct")]
    [InlineData(false, "page")]
    [InlineData(null, null)]
    public void The_cache_is_judged_by_how_segments_are_open(bool? direct, string? setting) =>
        Assert.Equal(setting, Seen(Evidence() with { OpenedDirect = direct, Segments = new ResidentFiles(2, 1000, 500) }, "cache")?.Setting);

    [Theory]
    [InlineData(1111, "sendfile")]
    [InlineData(1112, null)]
    public void Where_too_many_calls_are_in_no_record_the_records_say_nothing(long missed, string? setting)
    {
        KernelEvidence evidence = Evidence(new MovedBytes("sendfile64", "socket", 10_000, 100 * Megabyte));
        Assert.Equal(setting, Seen(evidence with { Recorded = evidence.Recorded! with { Missed = missed, Lost = 50_000 } }, "transfer")?.Setting);
    }

    [Fact]
    public void Without_evidence_nothing_is_guessed() => Assert.Empty(TechniquesSeen.Of(new KernelEvidence { NotMeasured = ["all of it"] }, Flow));

    private static TechniqueSeen? Seen(KernelEvidence evidence, string technique, FlowTotals? flow = null) =>
        TechniquesSeen.Of(evidence, flow ?? Flow).SingleOrDefault(t => t.Technique == technique);

    private static KernelEvidence Evidence(params MovedBytes[] moved) => new()
    {
        NotMeasured = [],
        Recorded = new RecordedCalls { Seconds = 1, Lost = 0, Moved = moved, Writes = new WriteOrder(0, 0, 0, 0) },
    };
}
