using BenchmarkDotNet.Attributes;
using Engine.Linux;
using Engine.Wire;
using Harness.Load;
using Harness.Measure;

namespace Engine.Benchmarks;

/// <summary>The generator's two ends of a batch: each value made and encoded by itself, and each record of what was fetched decoded and compared byte by byte.</summary>
[MemoryDiagnoser]
public class ConsumerPaths
{
    private const int BatchBytes = 64 * 1024;
    private const int ValueBytes = 30;
    private const long Seed = 42;
    private const string Topic = "bench";

    private readonly byte[] _buffer = new byte[BatchBytes + RecordBatchBuilder.ScratchBytes];
    private readonly RecordBatchBuilder _builder = new();
    private readonly WireBuffer _frame = new(2 * BatchBytes);
    private readonly ValueStream _stream = new(Seed, 0, 0);
    private readonly LatencyRecorder _endToEnd = new();
    private readonly LatencyRecorder _sealedEndToEnd = new();
    private readonly CountedWindow _window = new();
    private ProducerLedger? _ledger;
    private Verifier? _verifier;
    private FetchProcessor? _processor;
    private long _nextOffset;

    [GlobalSetup]
    public void SetUp()
    {
        _verifier = new Verifier(new VerifierOptions { Seed = Seed, ValueBytes = ValueBytes, Partitions = 1, Producers = 1, Groups = 1, Acks = Acks.Leader });
        _ledger = _verifier.Producer(0);
        _window.Begin(0);
        PartitionVerifier partition = _verifier.Partition(0, 0);
        partition.RecordLatency(_endToEnd, _sealedEndToEnd, _window);
        _processor = new FetchProcessor(new ConsumerOptions { Topic = Topic, Partitions = [0] }, "memory", _ => partition);
        _processor.StartAt(0, 0);
    }

    /// <summary>What is not as it was sent would be found the slow way, which is not what is measured here.</summary>
    [GlobalCleanup]
    public void CleanUp()
    {
        _processor?.Dispose();
        if (_verifier is { ViolationsSoFar: > 0 } || _endToEnd.Count != _nextOffset)
        {
            throw new InvalidOperationException("not every message was delivered as it was sent");
        }
    }

    /// <summary>A batch of 64 KiB of values, each made for its sequence.</summary>
    [Benchmark]
    [AllocationLimit(0)]
    public long EncodeValues() => Encode(0).Length;

    /// <summary>
    /// A fetched response with such a batch, from its header to the last byte of the last value, and the latency of its messages. A message is delivered
    /// once, so each time a new batch is encoded for it: what that takes is <see cref="EncodeValues"/>.
    /// </summary>
    [Benchmark]
    [AllocationLimit(0)]
    public long EncodeAndVerifyFetched()
    {
        Span<byte> batch = Encode(_nextOffset);
        RecordBatch.Assign(batch, _nextOffset, leaderEpoch: 0);
        int count = _builder.Count;
        _ledger!.SealDue(0, _nextOffset, _nextOffset + count, MonotonicClock.Nanos());
        _ledger.Sent(0, _nextOffset + count);
        _ledger.Acknowledged(0, _nextOffset, _nextOffset, count);
        _nextOffset += count;
        _frame.Clear();
        ReplayedResponses.WriteHead(_frame, Topic, partition: 0, _nextOffset, batch.Length);
        _frame.WriteRaw(batch);
        FetchProcessor processor = _processor!;
        processor.NextRequests();
        processor.Plan(_frame.Written, correlationId: 0, askedNanos: 0);
        processor.Verify(_frame.Written);
        return processor.Consumed.MessageCount;
    }

    private Span<byte> Encode(long firstSequence)
    {
        _builder.Begin(_buffer, 0, BatchBytes, timestampMs: 1);
        ValueRun values = new(_stream, MonotonicClock.Nanos(), ValueBytes);
        while (_builder.TryAppend(values.Value(firstSequence + _builder.Count)))
        {
        }

        return _builder.Seal();
    }
}
