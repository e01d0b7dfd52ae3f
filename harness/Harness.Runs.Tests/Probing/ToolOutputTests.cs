using Results;

namespace Harness.Runs.Tests.Probing;

public sealed class ToolOutputTests
{
    private const string Fio = """
        fio: a remark before the document
        {"jobs": [{"read": {"bw_bytes": 0}, "write": {"bw_bytes": 123456}, "sync": {"lat_ns": {"percentile": {"50.000000": 2048}}}}]}
        """;

    [Fact]
    public void Figures_of_fio_are_found()
    {
        Assert.Equal(123456, ToolOutput.FioBytesPerSecond(Fio, "write"));
        Assert.Equal(2048, ToolOutput.FioSyncNanos(Fio, "50.000000"));
    }

    [Fact]
    public void Bits_of_iperf3_become_bytes() =>
        Assert.Equal(2e9, ToolOutput.IperfBytesPerSecond("""{"end": {"sum_received": {"bits_per_second": 16e9}}}"""));

    [Fact]
    public void What_iperf3_calls_an_error_is_one() => Assert.Equal(
        "iperf3: unable to connect", Assert.Throws<IOException>(() => ToolOutput.IperfBytesPerSecond("""{"error": "unable to connect"}""")).Message);

    [Theory]
    [InlineData("", "no JSON document")]
    [InlineData("{", "no JSON document")]
    [InlineData("{}", "no jobs")]
    [InlineData("""{"jobs": []}""", "no jobs.0")]
    [InlineData("""{"jobs": [{"write": {"bw_bytes": "fast"}}]}""", "no number in jobs.0.write.bw_bytes")]
    public void What_is_missing_is_named(string json, string problem) =>
        Assert.Contains(problem, Assert.Throws<IOException>(() => ToolOutput.FioBytesPerSecond(json, "write")).Message, StringComparison.Ordinal);

    [Fact]
    public void Pairs_of_rounds_are_compared_and_not_medians()
    {
        ProbeFigure[] figures =
        [
            Figure("fsync-p50", "disk", "fdatasync", 4096, 60) with { Passes = [100, 60, 30] },
            Figure("fio fsync-p50", "other tools", "fio", 4096, 50) with { Passes = [100, 50, 40] },
        ];
        Assert.Equal(["fdatasync, 4 KiB: 100 % of what fio says (75 to 120 % in 3 rounds)"], ToolPasses.Compare(figures));
    }

    [Fact]
    public void Pairs_of_the_same_kind_and_block_are_compared()
    {
        ProbeFigure[] figures =
        [
            Figure("disk-random-read-direct", "disk", "random read, direct", 4096, 90),
            Figure("disk-random-read-direct", "disk", "random read, direct", 65536, 500),
            Figure("fio disk-random-read-direct", "other tools", "fio --rw=randread", 4096, 100),
            Figure("iperf3 loopback", "other tools", "iperf3", 4096, 100),
        ];
        Assert.Equal(["random read, direct, 4 KiB: 90 % of what fio says"], ToolPasses.Compare(figures));
    }

    [Theory]
    [InlineData("HugePages_Total:      16\nHugePages_Free:       14\nHugePages_Rsvd:        3\nHugepagesize:       2048 kB\n", 11)]
    [InlineData("HugePages_Total:       0\nHugePages_Free:        0\nHugePages_Rsvd:        0\n", 0)]
    [InlineData("MemTotal:       24683436 kB\n", 0)]
    public void Huge_pages_are_free_that_nobody_has_nor_was_promised(string meminfo, long pages) => Assert.Equal(pages, ToolOutput.FreeHugePages(meminfo));

    [Theory]
    [InlineData("fio disk-sequential-read-direct", 1 << 20, "fio --rw=read --direct=1", true)]
    [InlineData("fio disk-sequential-read-direct", 1 << 20, "fio --rw=read --direct=1 --iomem=mmaphuge", false)]
    [InlineData("fio disk-sequential-write-direct", 4096, "fio --rw=write --direct=1", false)]
    [InlineData("fio disk-sequential-write-fsync", 1 << 20, "fio --rw=write --fsync=32", false)]
    public void Large_direct_transfers_from_small_pages_are_told_with_the_command_that_mends_it(string kind, int block, string name, bool told)
    {
        ProbeFigure figure = Figure(kind, "other tools", name, block, 100);
        Assert.Equal(told ? 1 : 0, ToolPasses.Notes([figure]).Count(note => note.Contains("sysctl -w vm.nr_hugepages=16", StringComparison.Ordinal)));
        Assert.Empty(ToolPasses.Notes([figure with { Group = "disk" }, figure with { Median = null, Passes = [] }]));
    }

    private static ProbeFigure Figure(string kind, string group, string name, int block, double median) => new()
    {
        Kind = kind,
        Group = group,
        Name = name,
        BlockBytes = block,
        Unit = ProbeUnit.BytesPerSecond,
        Median = median,
        Passes = [median],
    };
}
