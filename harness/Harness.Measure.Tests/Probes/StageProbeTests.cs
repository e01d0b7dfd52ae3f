using Results;

namespace Harness.Measure.Tests;

public sealed class StageProbeTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("harness-probe-").FullName;

    private BarePipelineOptions Small => new(_folder, 16 * 1024, 1 << 20, 256 * 1024, 0, 0.1);

    [Theory]
    [InlineData(CeilingKinds.SocketToPageCache)]
    [InlineData(CeilingKinds.PageCacheToSocket)]
    public void A_stage_alone_is_measured_pass_by_pass_and_leaves_no_files(string kind)
    {
        StageProbe probe = kind == CeilingKinds.SocketToPageCache ? StageProbe.ToPageCache(Small) : StageProbe.BySendfile(Small);
        double[] passes = [.. Enumerable.Range(0, 3).Select(_ => probe.Pass(CancellationToken.None))];
        Ceiling ceiling = probe.ToCeiling();
        Assert.Equal(kind, ceiling.Kind);
        Assert.Equal(passes, ceiling.PassesBytesPerSecond);
        Assert.Equal(passes.Order().ElementAt(1), ceiling.BytesPerSecond);
        Assert.All(passes, pass => Assert.True(pass > 0));

        // One thread in the broker's place and one of a client.
        Assert.All(probe.Passes, pass => Assert.True(pass.BrokerCpuSecondsPerGigabyte > 0 && pass.BrokerCpuSecondsPerGigabyte < pass.CpuSecondsPerGigabyte));
        Assert.Equal(probe.Passes.Select(pass => pass.BrokerCpuSecondsPerGigabyte).Order().ElementAt(1), ceiling.BrokerCpuSecondsPerGigabyte);
        Assert.Empty(Directory.EnumerateFileSystemEntries(_folder));
    }

    [Fact]
    public void Serving_takes_as_many_connections_as_it_is_told()
    {
        StageProbe probe = StageProbe.BySendfile(Small with { Connections = 3 });
        Assert.True(probe.Pass(CancellationToken.None) > 0);
        Assert.Contains("over 3 connections of loopback", probe.ToCeiling().Description, StringComparison.Ordinal);
    }

    [Fact]
    public void Cancelling_ends_a_long_pass_and_leaves_no_files()
    {
        using CancellationTokenSource cancel = new();
        StageProbe probe = StageProbe.BySendfile(Small with { PassSeconds = 600 });
        cancel.CancelAfter(50);
        Assert.Throws<OperationCanceledException>(() => probe.Pass(cancel.Token));
        Assert.Empty(Directory.EnumerateFileSystemEntries(_folder));
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);
}
