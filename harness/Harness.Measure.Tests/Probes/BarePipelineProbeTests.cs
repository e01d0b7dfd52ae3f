using Engine.Linux;
using Results;

namespace Harness.Measure.Tests;

public sealed class BarePipelineProbeTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("harness-probe-").FullName;

    private BarePipelineOptions Small => new(_folder, 16 * 1024, 1 << 20, 256 * 1024, 0, 0.1);

    [Fact]
    public void Passes_are_measured_and_their_median_is_the_ceiling()
    {
        BarePipelineProbe probe = new(Small);
        double[] passes = [.. Enumerable.Range(0, 3).Select(_ => probe.Pass(CancellationToken.None))];
        Ceiling ceiling = probe.ToCeiling();
        Assert.Equal(CeilingKinds.BarePipeline, ceiling.Kind);
        Assert.Equal(passes, ceiling.PassesBytesPerSecond);
        Assert.Equal(passes.Order().ElementAt(1), ceiling.BytesPerSecond);
        Assert.All(probe.Passes, pass => Assert.True(pass.BytesPerSecond > 0 && pass.CpuSecondsPerGigabyte > 0 && pass.RingWarm));
        Assert.All(probe.Passes, pass => Assert.True(pass.BrokerCpuSecondsPerGigabyte > 0 && pass.BrokerCpuSecondsPerGigabyte < pass.CpuSecondsPerGigabyte));
        Assert.Equal(probe.Passes.Select(pass => pass.BrokerCpuSecondsPerGigabyte).Order().ElementAt(1), ceiling.BrokerCpuSecondsPerGigabyte);
        Assert.Contains("16 KiB at a time through a ring of 1 MiB", ceiling.Description, StringComparison.Ordinal);
        AssertNothingLeft();
    }

    [Fact]
    public void A_batch_that_is_no_divisor_of_its_segment_works()
    {
        BarePipelineProbe probe = new(Small with { BatchBytes = 10_007, SegmentBytes = 30_000, RingBytes = 100_000 });
        Assert.True(probe.Pass(CancellationToken.None) > 0);
    }

    [Fact]
    public void Without_a_pass_there_is_no_ceiling() =>
        Assert.Throws<InvalidOperationException>(() => new BarePipelineProbe(Small).ToCeiling());

    [Theory]
    [InlineData(0, 100, 100, 0, 1)]
    [InlineData(10, 100, 9, 0, 1)]
    [InlineData(10, 99, 100, 0, 1)]
    [InlineData(10, 100, 100, -1, 1)]
    [InlineData(10, 100, 100, 0, 0)]
    public void Impossible_options_are_refused(int batch, long ring, long segment, double warmup, double pass) =>
        Assert.ThrowsAny<ArgumentException>(() => new BarePipelineProbe(new BarePipelineOptions(_folder, batch, ring, segment, warmup, pass)));

    [Fact]
    public void Cancelling_ends_a_long_pass_and_leaves_no_files()
    {
        using CancellationTokenSource cancel = new();
        BarePipelineProbe probe = new(Small with { PassSeconds = 600 });
        cancel.CancelAfter(50);
        Assert.Throws<OperationCanceledException>(() => probe.Pass(cancel.Token));
        Assert.Empty(probe.Passes);
        AssertNothingLeft();
        Assert.Throws<OperationCanceledException>(() => probe.Pass(cancel.Token));
    }

    [Fact]
    public void Cancelling_during_warm_up_works_too()
    {
        using CancellationTokenSource cancel = new();
        BarePipelineProbe probe = new(Small with { WarmupSeconds = 600 });
        cancel.CancelAfter(50);
        Assert.Throws<OperationCanceledException>(() => probe.Pass(cancel.Token));
        AssertNothingLeft();
    }

    [Fact]
    public void A_full_disk_is_named_and_leaves_no_files()
    {
        BarePipelineProbe probe = new(Small, path =>
        {
            File.WriteAllText(path, "");
            return Files.Open("/dev/full", OpenFlags.ReadWrite);
        });
        LinuxException full = Assert.Throws<LinuxException>(() => probe.Pass(CancellationToken.None));
        Assert.Equal(Errno.ENOSPC, full.Error);
        Assert.Equal("write the bare pipeline's ring of 1 MB: No space left on device", full.Message);
        Assert.Empty(probe.Passes);
        AssertNothingLeft();
    }

    [Fact]
    public void A_failure_in_the_middle_of_opening_leaves_no_files()
    {
        int opened = 0;
        BarePipelineProbe probe = new(Small, path =>
            ++opened == 3 ? throw new LinuxException("open", Errno.EMFILE, "segment") : RingFiles.Create(path));
        Assert.Throws<LinuxException>(() => probe.Pass(CancellationToken.None));
        AssertNothingLeft();
    }

    [Fact]
    public void A_failed_call_in_the_middle_of_a_pass_is_told_and_leaves_no_files()
    {
        BarePipelineProbe probe = new(Small, path =>
        {
            RingFiles.Create(path).Dispose();
            return Files.Open(path, OpenFlags.ReadOnly);
        });
        LinuxException failed = Assert.Throws<LinuxException>(() => probe.Pass(CancellationToken.None));
        Assert.StartsWith("pwrite", failed.Message, StringComparison.Ordinal);
        AssertNothingLeft();
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private void AssertNothingLeft() => Assert.Empty(Directory.EnumerateFileSystemEntries(_folder));
}
