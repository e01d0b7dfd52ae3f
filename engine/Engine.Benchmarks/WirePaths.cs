using BenchmarkDotNet.Attributes;
using Engine.Wire;

namespace Engine.Benchmarks;

/// <summary>Batches, checksums, requests and responses: what both sides of a connection do with bytes.</summary>
[MemoryDiagnoser]
public class WirePaths
{
    private const int BatchBytes = 64 * 1024;
    private const string Topic = "topic";

    private readonly RecordBatchBuilder _builder = new();
    private readonly WireBuffer _response = new(4096);
    private readonly byte[] _buffer = new byte[BatchBytes + RecordBatchBuilder.ScratchBytes];
    private byte[] _batch = [];
    private byte[] _produce = [];
    private byte[] _fetch = [];

    [GlobalSetup]
    public void SetUp()
    {
        _batch = _buffer.AsSpan(0, (int)EncodeBatch()).ToArray();
        WireBuffer produce = new();
        ProduceClient.WriteBeforeBatch(produce, 1, "bench", Acks.Leader, 1000, Topic, 0, _batch.Length);
        produce.WriteRaw(_batch);
        _produce = produce.Written.ToArray();
        WireBuffer fetch = new();
        FetchClient.WriteRequest(fetch, 1, "bench", 500, 1, 1 << 20, Topic, [new FetchPartition(0, -1, 7, 1 << 20)]);
        _fetch = fetch.Written.ToArray();
    }

    /// <summary>A batch of 64 KiB of 30 B values, one by one, sealed with its checksum.</summary>
    [Benchmark]
    [AllocationLimit(0)]
    public long EncodeBatch()
    {
        _builder.Begin(_buffer, 0, BatchBytes, 1);
        while (_builder.TryAppend(new ConstantValue()))
        {
        }

        return _builder.Seal().Length;
    }

    [Benchmark]
    [AllocationLimit(0)]
    public long IterateBatch()
    {
        long bytes = 0;
        RecordReader reader = new(_batch);
        while (reader.MoveNext(out Record record))
        {
            bytes += record.Value.Length;
        }

        return bytes;
    }

    [Benchmark]
    [AllocationLimit(0)]
    public long Crc32COfBatch() => Crc32C.Compute(_batch);

    [Benchmark]
    [AllocationLimit(0)]
    public long CheckBatch() => (long)RecordBatch.Check(_batch);

    /// <summary>What <c>record.validation=full</c> adds to that.</summary>
    [Benchmark]
    [AllocationLimit(0)]
    public long WalkRecords() =>
        RecordsCheck.TryWalk(_batch.AsSpan(RecordBatch.HeaderBytes), RecordBatch.RecordCount(_batch), out _, out long maxDelta) ? maxDelta : -1;

    [Benchmark]
    [AllocationLimit(0)]
    public long ParseProduce()
    {
        WireReader reader = Body(_produce);
        ProduceRequestReader.CheckWhole(reader);
        return reader.Position;
    }

    [Benchmark]
    [AllocationLimit(0)]
    public long ParseFetch()
    {
        WireReader reader = Body(_fetch);
        FetchRequestReader.CheckWhole(reader, FetchClient.Version);
        return reader.Position;
    }

    [Benchmark]
    [AllocationLimit(0)]
    public long BuildResponse()
    {
        _response.Clear();
        int start = Frames.BeginResponse(_response, ApiKey.Produce, ProduceClient.Version, 1);
        _response.WriteArrayLength(1);
        _response.WriteString(Topic);
        _response.WriteArrayLength(1);
        _response.WriteInt32(0);
        _response.WriteInt16((short)ErrorCode.None);
        _response.WriteInt64(7);
        _response.WriteInt64(-1);
        _response.WriteInt64(0);
        _response.WriteArrayLength(0);
        _response.WriteNullableString(null);
        _response.WriteInt32(0);
        Frames.End(_response, start);
        return _response.Length;
    }

    private static WireReader Body(byte[] frame)
    {
        WireReader reader = new(frame);
        reader.ReadInt32();
        _ = RequestHeader.Read(ref reader);
        RequestHeader.ReadRest(ref reader, flexible: false);
        return reader;
    }

    private readonly struct ConstantValue : IRecordValue
    {
        public int Length => 30;

        public void Write(ref byte destination) => System.Runtime.InteropServices.MemoryMarshal.CreateSpan(ref destination, Length).Fill(1);
    }
}
