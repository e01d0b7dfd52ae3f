using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Engine.Linux;
using Engine.Wire;
using Harness.Measure;
using Results;

namespace Harness.Load;

/// <summary>
/// Encoding records into batches and sealing them, and decoding them again, one thread each: what a client cannot avoid before any network. Encoded are values
/// as the load generator makes them; decoding walks every record and reads the first and the last byte of its value, without comparing it. Both go round over
/// a few batches, which stay in the processor's caches as those of a client do.
/// </summary>
public sealed class RecordProbe
{
    private const int Batches = 4;

    private readonly byte[][] _buffers;
    private readonly byte[][] _batches;
    private readonly RecordBatchBuilder _builder = new();
    private readonly ValueStream _stream = new(1, 0, 0);
    private readonly int _batchBytes;
    private readonly int _valueBytes;
    private long _sequence;
    private int _next;
    private int _seen;

    public RecordProbe(int batchBytes, int valueBytes)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(valueBytes, ValueLayout.HeaderBytes);
        ArgumentOutOfRangeException.ThrowIfLessThan(batchBytes, RecordBatch.HeaderBytes + (2 * valueBytes));
        _batchBytes = batchBytes;
        _valueBytes = valueBytes;
        _buffers = [.. Enumerable.Range(0, Batches).Select(_ => GC.AllocateUninitializedArray<byte>(batchBytes + RecordBatchBuilder.ScratchBytes, pinned: true))];
        _batches = [.. _buffers.Select(buffer =>
        {
            Fill(buffer);
            return _builder.Seal().ToArray();
        })];
    }

    public void Pass(ProbeBook book, double seconds, CancellationToken cancel)
    {
        ArgumentNullException.ThrowIfNull(book);
        book.Add(Subject("encode", "encode and seal"), TimedLoop.Rate(seconds, Encode, cancel, out _));
        book.Add(Subject("decode", "decode and touch"), TimedLoop.Rate(seconds, Decode, cancel, out _));
    }

    private ProbeSubject Subject(string kind, string what) =>
        new($"{kind}-records", ProbeGroups.Memory, $"{what} records of {_valueBytes} B", ProbeUnit.RecordsPerSecond, _batchBytes);

    private long Encode()
    {
        _next = (_next + 1) % Batches;
        Fill(_buffers[_next]);
        _builder.Seal();
        return _builder.Count;
    }

    private void Fill(byte[] buffer)
    {
        _builder.Begin(buffer, 0, _batchBytes, timestampMs: 0);
        ValueRun values = new(_stream, MonotonicClock.Nanos(), _valueBytes);
        while (_builder.TryAppend(values.Value(_sequence)))
        {
            _sequence++;
        }
    }

    /// <summary>In place, the way of the load generator's own consumers.</summary>
    private long Decode()
    {
        _next = (_next + 1) % Batches;
        byte[] bytes = _batches[_next];
        ref byte batch = ref MemoryMarshal.GetArrayDataReference(bytes);
        int count = RecordBatch.RecordCount(bytes);
        int seen = 0;
        int read = 0;
        nint position = RecordBatch.HeaderBytes;
        for (; bytes.Length - position >= PlainRecord.FrameBytesMax; read++)
        {
            PlainRecord record = new(ref batch, bytes.Length, position);
            if (!record.IsValid)
            {
                break;
            }

            seen += Unsafe.Add(ref batch, record.Value) + Unsafe.Add(ref batch, record.Value + record.ValueBytes - 1);
            position = record.End;
        }

        _seen ^= seen;
        return read == count ? read : throw new InvalidOperationException("a batch of our own could not be read");
    }
}
