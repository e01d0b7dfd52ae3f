using System.Runtime.ExceptionServices;
using Engine.Linux;
using Engine.Wire;
using Results;

namespace Harness.Load;

/// <summary>
/// The consumers' and verifier's ceiling: fetch responses from memory through the very code of a consumer, from the walk of
/// the batches to the comparison of the last byte. As many threads as the scenario has consumers, all replaying the same responses of one
/// producer to all partitions; before each replay the verifier starts anew, which is not timed.
/// </summary>
public static class NullSourceProbe
{
    private const string Topic = "ceiling";
    private const long ReplayBytes = 64 << 20;

    /// <summary>Compressing takes its time, and decompressing hides where the bytes came from.</summary>
    private const long CompressedReplayBytes = 16 << 20;

    public static Ceiling Run(ScenarioInfo scenario, CeilingOptions? options = null, CancellationToken cancellation = default)
    {
        LoadPlan plan = LoadPlan.From(scenario);
        if (plan.Groups == 0)
        {
            throw new ArgumentException("a scenario without consumers has no null-source ceiling");
        }

        options ??= new CeilingOptions();
        ConsumerOptions consumer = plan.ConsumerOptions(0, Topic) with { Partitions = [.. Enumerable.Range(0, plan.Partitions)] };
        long replayBytes = plan.Compression == CompressionType.None ? ReplayBytes : CompressedReplayBytes;
        ReplayedResponses responses = new(plan, Topic, replayBytes, consumer.PartitionMaxBytes);
        int threads = plan.Groups * plan.ConsumersPerGroup;
        RunFor(options.WarmUp, plan, consumer, responses, cancellation);
        List<CeilingPass> passes = [];
        for (int pass = 0; pass < options.Passes; pass++)
        {
            passes.Add(RunThreads(threads, () => RunFor(options.PassLength, plan, consumer, responses, cancellation)));
        }

        return CeilingPass.ToCeiling(
            CeilingKinds.NullSource,
            $"{threads} consumer thread(s) checking, unpacking and comparing {plan.ValueBytes} B values in batches of {plan.BatchBytes} B{plan.CompressedBy}, "
            + $"replayed from {replayBytes >> 20} MiB{(plan.CompressedBy.Length > 0 ? ", unpacked," : "")} of memory",
            passes);
    }

    /// <summary>The sum of all threads: each counts its own time, so that one that begins late is not counted short.</summary>
    private static CeilingPass RunThreads(int count, Func<CeilingPass> body)
    {
        CeilingPass[] results = new CeilingPass[count];
        Exception?[] failures = new Exception?[count];
        Thread[] threads = [.. Enumerable.Range(0, count).Select(index => new Thread(() =>
        {
            try
            {
                results[index] = body();
            }
            catch (Exception failure)
            {
                failures[index] = failure;
            }
        })
        {
            Name = $"null-source-{index}",
            IsBackground = true,
        })];
        Array.ForEach(threads, static thread => thread.Start());
        Array.ForEach(threads, static thread => thread.Join());
        if (Array.Find(failures, static failure => failure is not null) is Exception first)
        {
            ExceptionDispatchInfo.Throw(first);
        }

        double messages = results.Sum(static result => result.MessagesPerSecond);
        double bytes = results.Sum(static result => result.BytesPerSecond);
        return new CeilingPass(1, (long)messages, (long)bytes);
    }

    /// <summary>Replays until that much time was counted.</summary>
    internal static CeilingPass RunFor(
        TimeSpan length, LoadPlan plan, ConsumerOptions consumer, ReplayedResponses responses, CancellationToken cancellation)
    {
        double seconds = 0;
        long messages = 0;
        long wireBytes = 0;
        while (seconds < length.TotalSeconds)
        {
            (Verifier verifier, FetchProcessor processor) = Fresh(plan, consumer, responses);
            using FetchProcessor disposed = processor;
            long begin = MonotonicClock.Nanos();
            foreach (byte[] frame in responses.Frames)
            {
                processor.Plan(frame, correlationId: 0, begin);
                processor.NextRequests();
                processor.Verify(frame);
                wireBytes += frame.Length;
                cancellation.ThrowIfCancellationRequested();
            }

            seconds += (MonotonicClock.Nanos() - begin) / 1e9;
            messages += processor.Consumed.MessageCount;
            Verification verdict = verifier.Conclude(complete: true);
            if (!verdict.Passed)
            {
                throw new InvalidOperationException($"the null source did not verify: {string.Join("; ", verdict.Violations)}");
            }
        }

        return new CeilingPass(seconds, messages, wireBytes);
    }

    private static (Verifier Verifier, FetchProcessor Processor) Fresh(LoadPlan plan, ConsumerOptions consumer, ReplayedResponses responses)
    {
        Verifier verifier = new(plan.VerifierOptions(groups: 1) with { Producers = 1 });
        CountedWindow window = new();
        window.Begin(0);
        Measure.LatencyRecorder latency = new();
        FetchProcessor processor = new(consumer, "the null source", partition => Verifier(verifier, partition));
        for (int partition = 0; partition < plan.Partitions; partition++)
        {
            verifier.Producer(0).Sent(partition, responses.Messages(partition));
            if (plan.Acks != Acks.None)
            {
                verifier.Producer(0).Acknowledged(partition, 0, 0, (int)responses.Messages(partition));
            }

            processor.StartAt(partition, 0);
        }

        return (verifier, processor);

        PartitionVerifier Verifier(Verifier all, int partition)
        {
            PartitionVerifier one = all.Partition(0, partition);
            one.RecordLatency(latency, null, window);
            return one;
        }
    }
}
