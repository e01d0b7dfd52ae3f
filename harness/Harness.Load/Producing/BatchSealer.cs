using Engine.Wire;

namespace Harness.Load;

/// <summary>
/// Seals batches as the scenario wants them compressed. What a batch is compressed into is one buffer for all of them: its bytes go back
/// behind the batch's header, whose buffer therefore needs room for records that grow. Belongs to one thread.
/// </summary>
internal sealed class BatchSealer : IDisposable
{
    private readonly RecordCodec? _codec;
    private readonly byte[] _compressed = [];

    public BatchSealer(CompressionType compression, int batchBytes)
    {
        RoomBytes = batchBytes;
        if (compression != CompressionType.None)
        {
            _codec = RecordCodec.Create(compression);
            _compressed = GC.AllocateUninitializedArray<byte>(_codec.MaxCompressedBytes(batchBytes));
            RoomBytes = RecordBatch.HeaderBytes + _compressed.Length;
        }
    }

    /// <summary>What a batch may need once it is sealed.</summary>
    public int RoomBytes { get; }

    /// <summary>The sealed batch, in the builder's buffer.</summary>
    public Span<byte> Seal(RecordBatchBuilder builder) => _codec is null
        ? builder.Seal()
        : builder.Seal(_codec.Type, _compressed.AsSpan(0, _codec.Compress(builder.Records, _compressed)));

    public void Dispose() => _codec?.Dispose();
}
