using Engine.Linux;
using Results;

namespace Harness.Measure.Tests;

public sealed class PipelineProbesTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("harness-probe-").FullName;

    private BarePipelineOptions Small => new(_folder, 16 * 1024, 1 << 20, 256 * 1024, 0, 0.1);

    [Fact]
    public void Every_stage_has_a_figure_and_serving_has_its_own_cost()
    {
        ProbeBook book = new();
        new PipelineProbes(Small, Sum).Pass(book, CancellationToken.None);
        IReadOnlyList<ProbeFigure> figures = book.Figures();
        Assert.Equal(
            [
                "loopback", "socket-to-page-cache", "page-cache-to-socket-sendfile", "page-cache-to-socket-copy",
                CeilingKinds.BarePipeline, CeilingKinds.CheckedPipeline,
            ],
            figures.Select(figure => figure.Kind));
        Assert.All(figures, figure => Assert.True(figure.Median > 0 && figure.CpuSecondsPerGigabyte > 0 && figure.BlockBytes == 16 * 1024));
        Assert.Equal(
            ["page-cache-to-socket-sendfile", "page-cache-to-socket-copy"],
            figures.Where(figure => figure.ServingCpuSecondsPerGigabyte > 0).Select(figure => figure.Kind));
        AssertNothingLeft();
    }

    [Fact]
    public void The_checked_pipeline_passes_each_batch_three_times_through_the_checksum()
    {
        long calls = 0;
        BarePipelineProbe probe = new(Small, RingFiles.Create, bytes =>
        {
            Interlocked.Increment(ref calls);
            return Sum(bytes);
        });
        probe.Pass(CancellationToken.None);
        Assert.Equal(CeilingKinds.CheckedPipeline, probe.ToCheckedCeiling()!.Kind);
        Assert.Equal(probe.CheckedPasses.Select(pass => pass.BytesPerSecond), probe.ToCheckedCeiling()!.PassesBytesPerSecond);

        // Each batch that the receiver counted went through all three; of the others some did not get so far.
        Assert.True(calls >= 3);
    }

    [Fact]
    public void A_batch_that_arrives_damaged_is_told()
    {
        long calls = 0;
        BarePipelineProbe probe = new(Small, RingFiles.Create, bytes => Interlocked.Increment(ref calls) > 20 ? (uint)calls : Sum(bytes));
        IOException damaged = Assert.Throws<IOException>(() => probe.Pass(CancellationToken.None));
        Assert.StartsWith("A batch arrived damaged", damaged.Message, StringComparison.Ordinal);
        Assert.Empty(probe.Passes);
        AssertNothingLeft();
    }

    [Fact]
    public void Without_a_checksum_there_is_no_checked_ceiling()
    {
        BarePipelineProbe probe = new(Small);
        probe.Pass(CancellationToken.None);
        Assert.Null(probe.ToCheckedCeiling());
        Assert.Empty(probe.CheckedPasses);
    }

    [Fact]
    public void Cancelling_leaves_what_was_measured_and_no_files()
    {
        using CancellationTokenSource cancel = new();
        ProbeBook book = new();
        PipelineProbes probes = new(Small with { PassSeconds = 600 }, Sum);
        cancel.CancelAfter(50);
        Assert.Throws<OperationCanceledException>(() => probes.Pass(book, cancel.Token));
        Assert.Empty(book.Figures());
        AssertNothingLeft();
    }

    [Fact]
    public void The_rings_files_have_no_names_while_it_is_measured()
    {
        using RingFiles ring = new(Small, RingFiles.Create);
        AssertNothingLeft();
        (FileDescriptor segment, long position) = ring.Begin().Next();
        Files.WriteAt(segment, [1, 2, 3], position);
        Assert.Equal(3, Files.Length(segment));
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private static uint Sum(ReadOnlySpan<byte> bytes)
    {
        uint sum = 17;
        foreach (byte b in bytes)
        {
            sum = (sum * 31) + b;
        }

        return sum;
    }

    private void AssertNothingLeft() => Assert.Empty(Directory.EnumerateFileSystemEntries(_folder));
}
