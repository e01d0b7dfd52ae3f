namespace Harness.Measure.Tests;

public sealed class BrokerThreadsTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("harness-probe-").FullName;

    private BarePipelineOptions Small => new(_folder, 16 * 1024, 1 << 20, 256 * 1024, 0, 0.1);

    [Theory]
    [InlineData(10, 20, 2)]
    [InlineData(20, 10, 1)]
    [InlineData(10, 10, 1)]
    public void The_stronger_arrangement_is_found_once_and_used_from_then_on(double one, double two, int threads)
    {
        List<PipelineStage> asked = [];
        BrokerThreads broker = new();
        BarePipelinePass Measure(PipelineStage stage)
        {
            asked.Add(stage);
            return new BarePipelinePass(stage == PipelineStage.Whole ? one : two, 1, RingWarm: true);
        }

        Assert.Equal(Math.Max(one, two), broker.Measure(Measure).BytesPerSecond);
        Assert.Equal(Math.Max(one, two), broker.Measure(Measure).BytesPerSecond);
        Assert.Equal(threads, broker.Count);
        PipelineStage stronger = threads == 2 ? PipelineStage.WholeByTwo : PipelineStage.Whole;
        Assert.Equal([PipelineStage.Whole, PipelineStage.WholeByTwo, stronger], asked);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Either_arrangement_carries_every_batch_as_it_was_sent(bool byTwo)
    {
        PipelineStage stage = byTwo ? PipelineStage.WholeByTwo : PipelineStage.Whole;
        using RingFiles ring = new(Small, RingFiles.Create);
        int checks = 0;
        using PipelineRun run = new(Small, ring, new PipelineBuffers(Small.BatchBytes), stage, bytes =>
        {
            Interlocked.Increment(ref checks);
            uint sum = 0;
            foreach (byte one in bytes)
            {
                sum = (sum * 31) + one;
            }

            return sum;
        });
        BarePipelinePass pass = run.Measure(CancellationToken.None);
        Assert.True(pass.BytesPerSecond > 0 && pass.BrokerCpuSecondsPerGigabyte > 0 && pass.BrokerCpuSecondsPerGigabyte < pass.CpuSecondsPerGigabyte);

        // A lap at least, since the ring was warm: made, checked by the broker and checked by the receiver.
        Assert.True(checks >= 3 * ring.BatchesPerLap, $"{checks} checksums");
    }

    [Fact]
    public void Who_writes_waits_when_it_is_as_far_ahead_as_it_may_be()
    {
        using HandOver places = new(1);
        Assert.True(places.TryPut());
        Thread writer = new(() => Assert.True(places.TryPut()));
        writer.Start();
        while ((writer.ThreadState & ThreadState.WaitSleepJoin) == 0)
        {
            Thread.Yield();
        }

        Assert.True(places.TryTake());
        writer.Join();
    }

    [Fact]
    public void After_the_end_what_was_written_is_still_served_and_nobody_waits()
    {
        using HandOver places = new(4);
        Assert.True(places.TryPut());
        places.Close();
        Assert.True(places.TryTake());
        Assert.False(places.TryTake());
        Assert.False(places.TryPut());
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);
}
