using Harness.Runs.Scenarios;

namespace Harness.Runs.Tests.Scenarios;

public sealed class SpaceNeededTests
{
    private const long MiB = 1 << 20;

    [Fact]
    public void A_run_needs_retention_and_two_segments_a_partition_and_the_probes_ring()
    {
        SpaceNeeded needed = SpaceNeeded.Of(Yaml.Read(Yaml.With(
            ("topic.partitions", "3"), ("topic.config.retention.bytes", "100MiB"), ("topic.config.segment.bytes", "10MiB"))));
        Assert.Equal(3 * 120 * MiB, needed.BrokerBytes);
        Assert.Equal(120 * MiB, needed.ProbeBytes);
    }

    [Fact]
    public void A_run_too_short_to_fill_its_retention_needs_what_the_machine_can_write()
    {
        SpaceNeeded needed = SpaceNeeded.Of(Yaml.Read(Yaml.With(("warmup", "5s"))), ceilingBytesPerSecond: 1e6);
        Assert.Equal(15_000_000, needed.BrokerBytes);
    }

    [Fact]
    public void Less_free_space_is_refused_with_both_figures()
    {
        SpaceNeeded needed = new(2_000_000_000, 1_000_000_000);
        needed.Check(3_000_000_000, "the data folder");
        SpaceException e = Assert.Throws<SpaceException>(() => needed.Check(2_999_999_999, "the data folder"));
        Assert.StartsWith("the data folder has 3.00 GB free and this run needs 3.00 GB (2.00 GB for the broker's log, ", e.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', e.Message);
    }
}
