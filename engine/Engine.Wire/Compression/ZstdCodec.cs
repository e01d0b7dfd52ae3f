namespace Engine.Wire;

/// <summary>
/// zstd by the system's libzstd, at its default level as Kafka has it. Decompresses in one call straight into the buffer, so that the
/// library needs no window of the size that a frame claims; where the buffer is too small it is tried again with twice as much, which
/// happens only until the buffer has the size of the run's batches.
/// </summary>
internal sealed unsafe class ZstdCodec : RecordCodec
{
    private const int Level = 3;

    private readonly CodecContext _compression;
    private readonly CodecContext _decompression;

    public ZstdCodec()
    {
        RequireLibrary(CompressionType.Zstd, NativeZstd.Library, NativeZstd.Package);
        _compression = new CodecContext(NativeZstd.ZSTD_createCCtx(), static one => NativeZstd.ZSTD_freeCCtx(one));
        _decompression = new CodecContext(NativeZstd.ZSTD_createDCtx(), static one => NativeZstd.ZSTD_freeDCtx(one));
    }

    public override CompressionType Type => CompressionType.Zstd;

    public override int MaxCompressedBytes(int bytes) => checked((int)NativeZstd.ZSTD_compressBound((nuint)bytes));

    public override int Compress(ReadOnlySpan<byte> records, Span<byte> into)
    {
        fixed (byte* source = records, target = into)
        {
            nuint result = NativeZstd.ZSTD_compressCCtx(
                _compression.Pointer, target, (nuint)into.Length, source, (nuint)records.Length, Level);
            return NativeZstd.ZSTD_isError(result) == 0
                ? (int)result
                : throw new InvalidOperationException($"libzstd failed with code {NativeZstd.ZSTD_getErrorCode(result)}");
        }
    }

    public override CompressionFault Decompress(ReadOnlySpan<byte> compressed, DecompressionBuffer into)
    {
        if (compressed.IsEmpty)
        {
            // The library takes it for no frames at all.
            return CompressionFault.Corrupt;
        }

        while (true)
        {
            nuint result;
            fixed (byte* source = compressed, target = into.Free)
            {
                result = NativeZstd.ZSTD_decompressDCtx(
                    _decompression.Pointer, target, (nuint)into.Free.Length, source, (nuint)compressed.Length);
            }

            if (NativeZstd.ZSTD_isError(result) == 0)
            {
                into.Advance((int)result);
                return CompressionFault.None;
            }

            if (NativeZstd.ZSTD_getErrorCode(result) != NativeZstd.ErrorNoRoom)
            {
                return CompressionFault.Corrupt;
            }

            if (!into.TryGrow())
            {
                return CompressionFault.TooLarge;
            }
        }
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _compression.Dispose();
            _decompression.Dispose();
        }

        base.Dispose(disposing);
    }
}
