using BenchmarkDotNet.Attributes;
using Engine.Wire;
using Harness.Load;
using Harness.Measure;

namespace Engine.Benchmarks;

/// <summary>The generator: filling and comparing a value, sending a message, recording a latency.</summary>
[MemoryDiagnoser]
public class LoadPaths
{
    private const int ValueBytes = 30;
    private const int Messages = 2500;
    private const long Seed = 42;

    private readonly byte[] _value = new byte[ValueBytes + RecordBatchBuilder.ScratchBytes];
    private readonly LatencyRecorder _latency = new();
    private readonly ValueRun _run = new(new ValueStream(Seed, 0, 0), stampNanos: 1, ValueBytes);
    private NativeProducer? _producer;
    private NullSinkTransport? _sink;
    private long _micros;

    [GlobalSetup]
    public void SetUp()
    {
        ProducerOptions options = new()
        {
            ProducerIndex = 0,
            Topic = "bench",
            Partitions = 1,
            BatchBytes = 64 * 1024,
            LingerNanos = 5_000_000,
            Acks = Acks.Leader,
            InFlight = 5,
        };
        Verifier verifier = new(new VerifierOptions { Seed = Seed, ValueBytes = ValueBytes, Partitions = 1, Producers = 1, Groups = 0, Acks = Acks.Leader });
        _sink = new NullSinkTransport(1);
        _producer = new NativeProducer(options, _sink, verifier.Producer(0), new CountedWindow());
        FillValue();
    }

    [GlobalCleanup]
    public void CleanUp()
    {
        _producer?.Dispose();
        _sink?.Dispose();
    }

    [Benchmark]
    [AllocationLimit(0)]
    public long FillValue()
    {
        _run.Value(7).Write(ref _value[0]);
        return _value[^1];
    }

    /// <summary>0 when every byte is as it was sent.</summary>
    [Benchmark]
    [AllocationLimit(0)]
    public long VerifyValue() => (long)_run.Difference(ref _value[0], 7);

    /// <summary>
    /// Messages into the accumulator one by one, more than a batch holds: so each operation of the check has its share of sealing,
    /// framing and answers, and what these allocate is seen.
    /// </summary>
    [Benchmark(OperationsPerInvoke = Messages)]
    [AllocationLimit(0)]
    public long Send()
    {
        NativeProducer producer = _producer!;
        for (int i = 0; i < Messages; i++)
        {
            producer.Send(0, _run.Value(producer.NextSequence(0)), _run.StampNanos);
        }

        return producer.UnfinishedMessages;
    }

    [Benchmark]
    [AllocationLimit(0)]
    public long RecordLatency()
    {
        _micros = (_micros + 7919) & 0xFFFFF;
        _latency.Record(_micros);
        return _micros;
    }
}
