using Engine.Linux;
using Results;

namespace Harness.Load.Tests;

/// <summary>
/// The hot paths allocate nothing once they have run for a moment. Not beside other tests: a collection that these cause books what is left of a
/// thread's allocation quantum as allocated by it.
/// </summary>
[Collection(Name)]
[CollectionDefinition(Name, DisableParallelization = true)]
public class AllocationTests
{
    private const string Name = "allocation";

    /// <summary>What a collection may book; what ran before may still leave one to come.</summary>
    private const long QuantumBytes = 8192;

    [Theory]
    [InlineData(30, 1, "saturate")]
    [InlineData(30, 4, "saturate")]
    [InlineData(1024, 1, "saturate")]
    [InlineData(8, 1, "saturate")]
    [InlineData(30, 1, "inject")]
    [InlineData(30, 4, "inject")]
    [InlineData(8, 1, "ramping_inject")]
    [InlineData(30, 2, "keep_constant")]
    public void The_producers_path_allocates_nothing(int valueBytes, int partitions, string shape)
    {
        LoadPhaseInfo phase = LoadRun.Phase(shape, 100, 1_000_000, 1_000_000, 100_000);
        LoadPlan plan = LoadPlan.From(LoadRun.Scenario(valueBytes, partitions) with { Load = [phase] });
        Verifier verifier = new(plan.VerifierOptions(groups: 1));
        CountedWindow window = new();
        window.Begin(0);
        using NullSinkTransport sink = new(partitions);
        using NativeProducer producer = new(plan.ProducerOptions(0, "test"), sink, verifier.Producer(0), window);
        Settle();
        long warm = long.MinValue;
        long after = 0;
        long messages = 0;
        int collections = 0;
        using CancellationTokenSource stop = new();
        int ticks = 0;
        new ProducerLoad(plan, 0, Backlog.None, window).Run(
            producer,
            MonotonicClock.Nanos(),
            () =>
            {
                // A tick comes every 20 to 40 µs or so.
                if (++ticks == 500)
                {
                    messages = producer.Sent.MessageCount;
                    collections = GC.CollectionCount(0);
                    warm = GC.GetAllocatedBytesForCurrentThread();
                }
                else if (ticks == 1500)
                {
                    after = GC.GetAllocatedBytesForCurrentThread();
                    collections = GC.CollectionCount(0) - collections;
                    stop.Cancel();
                }
            },
            stop.Token);
        Assert.True(producer.Acknowledged.MessageCount > messages);
        Assert.InRange(after - warm, 0, QuantumBytes * collections);
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
            one.RecordLatency(new Measure.LatencyRecorder(), null, window);
            return one;
        });
        for (int partition = 0; partition < partitions; partition++)
        {
            verifier.Producer(0).Sent(partition, responses.Messages(partition));
            verifier.Producer(0).Acknowledged(partition, 0, 0, (int)responses.Messages(partition));
            processor.StartAt(partition, 0);
        }

        Settle();
        long warm = 0;
        int collections = 0;
        for (int i = 0; i < responses.Frames.Count; i++)
        {
            if (i == responses.Frames.Count / 4)
            {
                collections = GC.CollectionCount(0);
                warm = GC.GetAllocatedBytesForCurrentThread();
            }

            processor.Plan(responses.Frames[i], 0, MonotonicClock.Nanos());
            processor.NextRequests();
            processor.Verify(responses.Frames[i]);
        }

        long allocated = GC.GetAllocatedBytesForCurrentThread() - warm;
        Assert.InRange(allocated, 0, QuantumBytes * (GC.CollectionCount(0) - collections));
        Assert.True(verifier.Conclude(complete: true).Passed);
    }

    /// <summary>
    /// Ends a collection that goes on in the background, begun by the large arrays of a test's own preparation: it was counted when it
    /// began, but stops threads, and books the rest of their quantum, later.
    /// </summary>
    private static void Settle() => GC.Collect(GC.MaxGeneration, GCCollectionMode.Forced, blocking: true);
}
