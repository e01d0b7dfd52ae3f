using Results;

namespace Harness.Measure.Tests;

public sealed class StorageRegimesTests
{
    private const long Gigabyte = 1_000_000_000;
    private const long Limit = 5 * Gigabyte;

    [Theory]
    [InlineData(55, 53, 51, null, StorageRegime.RingInMemory)] // Segments deleted: most of what was dirtied was cancelled.
    [InlineData(55, 3, 0, null, StorageRegime.RingInMemory)] // Segments overwritten in place: hardly dirtied anew.
    [InlineData(55, 55, 0, 4, StorageRegime.RingInMemory)] // Dirtied anew, yet the machine wrote little back.
    [InlineData(4, 4, 3, null, StorageRegime.RingInMemory)] // Within the limit, and dropped all the same.
    [InlineData(4, 4, 0, null, StorageRegime.Burst)]
    [InlineData(4, 1, 0, null, StorageRegime.Burst)]
    [InlineData(5, 5, 0, null, StorageRegime.Burst)]
    [InlineData(55, 55, 0, 55, StorageRegime.Sustained)]
    [InlineData(30, 16, 1, null, StorageRegime.Sustained)]
    [InlineData(30, 16, 2, null, StorageRegime.Mixed)]
    [InlineData(8, 8, 0, null, StorageRegime.Mixed)]
    public void The_regime_follows_where_the_bytes_went(
        long accepted, long written, long cancelled, int? writtenBack, StorageRegime expected)
    {
        StorageInfo info = StorageRegimes.Classify(
            accepted * Gigabyte, Usage(written * Gigabyte, cancelled * Gigabyte), writtenBack * Gigabyte, Gigabyte, Limit);
        Assert.Equal(expected, info.Regime);
    }

    [Fact]
    public void The_sentence_states_the_numbers()
    {
        StorageInfo info = StorageRegimes.Classify(55 * Gigabyte, Usage(53 * Gigabyte, 51 * Gigabyte), null, 2 * Gigabyte, Limit);
        Assert.Equal(
            "Ring in memory (segments deleted or overwritten before they were written back): 55.0 GB accepted, "
            + "at most 2.0 GB (3.6 %) reached the device; dirty pages peaked at 2.0 GB of a limit of 5.0 GB.",
            info.Sentence);
        Assert.Equal(2 * Gigabyte, info.DeviceWriteBytes);
        Assert.Equal(51 * Gigabyte, info.CancelledWriteBytes);
    }

    [Theory]
    [InlineData(1, StorageRegime.Burst)]
    [InlineData(55, StorageRegime.Mixed)]
    public void What_could_not_be_measured_is_said(long accepted, StorageRegime expected)
    {
        StorageInfo info = StorageRegimes.Classify(accepted * Gigabyte, Usage(null, null), null, 0, Limit);
        Assert.Equal(expected, info.Regime);
        Assert.Null(info.DeviceWriteBytes);
        Assert.Contains("could not be measured", info.Sentence, StringComparison.Ordinal);
    }

    [Fact]
    public void Without_the_brokers_io_the_machines_write_back_stands_in()
    {
        StorageInfo info = StorageRegimes.Classify(55 * Gigabyte, Usage(null, null), Gigabyte, 0, Limit);
        Assert.Equal(StorageRegime.RingInMemory, info.Regime);
        Assert.Equal(Gigabyte, info.DeviceWriteBytes);
    }

    [Fact]
    public void More_cancelled_than_written_in_the_window_counts_as_nothing_written()
    {
        StorageInfo info = StorageRegimes.Classify(9 * Gigabyte, Usage(Gigabyte, 2 * Gigabyte), null, 0, Limit);
        Assert.Equal(0, info.DeviceWriteBytes);
    }

    [Fact]
    public void Nothing_accepted_is_no_division_by_zero()
    {
        StorageInfo info = StorageRegimes.Classify(0, Usage(0, 0), 0, 0, Limit);
        Assert.Equal(StorageRegime.Burst, info.Regime);
        Assert.Contains("0.000 GB accepted, at most 0.000 GB reached the device", info.Sentence, StringComparison.Ordinal);
    }

    private static ProcessUsage Usage(long? written, long? cancelled) => new()
    {
        UserSeconds = 0,
        SystemSeconds = 0,
        CpuShare = 0,
        AnonymousPeakBytes = 0,
        ResidentPeakBytes = 0,
        VoluntarySwitches = 0,
        InvoluntarySwitches = 0,
        MinorFaults = 0,
        MajorFaults = 0,
        DeviceWriteBytes = written,
        CancelledWriteBytes = cancelled,
    };
}
