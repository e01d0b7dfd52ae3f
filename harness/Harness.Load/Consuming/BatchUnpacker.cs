using Engine.Wire;

namespace Harness.Load;

/// <summary>
/// Gives a compressed batch as it was before: its header, then its records decompressed. One buffer for all batches; a batch is valid until
/// the next is unpacked. Belongs to the consumer's thread.
/// </summary>
internal sealed class BatchUnpacker(int decompressedBytesMax) : IDisposable
{
    private readonly RecordCodec?[] _codecs = new RecordCodec?[(int)CompressionType.Zstd + 1];
    private readonly DecompressionBuffer _buffer = new();

    /// <summary>The most records that a batch may unpack to.</summary>
    public int RecordsMax => decompressedBytesMax / RecordBatch.RecordBytesMin;

    /// <summary>Header and records; what came before the fault, where there is one.</summary>
    /// <param name="batch">At least a header long.</param>
    /// <exception cref="MissingCodecException">It is compressed in a way that this machine has no library for.</exception>
    public ReadOnlySpan<byte> Unpack(ReadOnlySpan<byte> batch, out CompressionFault fault)
    {
        CompressionType type = RecordBatch.Compression(batch);
        _buffer.Reset(RecordBatch.HeaderBytes + decompressedBytesMax);
        _buffer.TryWrite(batch[..RecordBatch.HeaderBytes]);
        fault = (int)type < _codecs.Length
            ? (_codecs[(int)type] ??= RecordCodec.Create(type)).Decompress(batch[RecordBatch.HeaderBytes..], _buffer)
            : CompressionFault.Corrupt;
        return _buffer.Written;
    }

    public void Dispose()
    {
        foreach (RecordCodec? codec in _codecs)
        {
            codec?.Dispose();
        }
    }
}
