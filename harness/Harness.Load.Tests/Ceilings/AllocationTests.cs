using Engine.Linux;

namespace Harness.Load.Tests;

/// <summary>The hot paths allocate nothing once they have run for a moment.</summary>
public class AllocationTests
{
    [Theory]
    [InlineData(30, 1)]
    [InlineData(30, 4)]
    [InlineData(1024, 1)]
    [InlineData(8, 1)]
    public void The_producers_path_allocates_nothing(int valueBytes, int partitions)
    {
        LoadPlan plan = LoadPlan.From(LoadRun.Scenario(valueBytes, partitions));
        Verifier verifier = new(plan.VerifierOptions(groups: 1));
        CountedWindow window = new();
        window.Begin(0);
        using NullSinkTransport sink = new(partitions);
        using NativeProducer producer = new(plan.ProducerOptions(0, "test"), sink, verifier.Producer(0), window);
        long warm = long.MinValue;
        long after = 0;
        long messages = 0;
        using CancellationTokenSource stop = new();
        int ticks = 0;
        plan.Shape(0, Backlog.None).Run(
            producer,
            () =>
            {
                // A tick comes every 40 µs or so.
                if (++ticks == 500)
                {
                    messages = producer.Sent.MessageCount;
                    warm = GC.GetAllocatedBytesForCurrentThread();
                }
                else if (ticks == 1500)
                {
                    after = GC.GetAllocatedBytesForCurrentThread();
                    stop.Cancel();
                }
            },
            stop.Token);
        Assert.True(producer.Acknowledged.MessageCount > messages);
        Assert.Equal(warm, after);
    }

    [Theory]
    [InlineData(30, 1)]
    [InlineData(30, 4)]
    [InlineData(1024, 1)]
    [InlineData(8, 1)]
    public void The_consumers_path_allocates_nothing(int valueBytes, int partitions)
    {
        LoadPlan plan = LoadPlan.From(LoadRun.Scenario(valueBytes, partitions));
        ConsumerOptions options = plan.ConsumerOptions(0, "test");
        ReplayedResponses responses = new(plan, "test", bytes: 8 << 20, responseBytes: 256 * 1024);
        Verifier verifier = new(plan.VerifierOptions(groups: 1));
        CountedWindow window = new();
        window.Begin(0);
        FetchProcessor processor = new(options, "the null source", partition =>
        {
            PartitionVerifier one = verifier.Partition(0, partition);
            one.RecordLatency(new Measure.LatencyRecorder(), window);
            return one;
        });
        for (int partition = 0; partition < partitions; partition++)
        {
            verifier.Producer(0).Sent(partition, responses.Messages(partition));
            verifier.Producer(0).Acknowledged(partition, 0, 0, (int)responses.Messages(partition));
            processor.StartAt(partition, 0);
        }

        long warm = 0;
        for (int i = 0; i < responses.Frames.Count; i++)
        {
            if (i == responses.Frames.Count / 4)
            {
                warm = GC.GetAllocatedBytesForCurrentThread();
            }

            processor.Plan(responses.Frames[i], 0, MonotonicClock.Nanos());
            processor.NextRequests();
            processor.Verify(responses.Frames[i]);
        }

        Assert.Equal(warm, GC.GetAllocatedBytesForCurrentThread());
        Assert.True(verifier.Conclude(complete: true).Passed);
    }
}
