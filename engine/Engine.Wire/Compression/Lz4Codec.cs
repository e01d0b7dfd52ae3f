namespace Engine.Wire;

/// <summary>
/// LZ4's frame format by the system's liblz4, with the frame that Kafka's clients write: 64 KiB blocks, each on its own, no checksum of
/// the content.
/// </summary>
internal sealed unsafe class Lz4Codec : RecordCodec
{
    private readonly CodecContext _decompression;

    public Lz4Codec()
    {
        RequireLibrary(CompressionType.Lz4, NativeLz4.Library, NativeLz4.Package);
        nint context = 0;
        Check(NativeLz4.LZ4F_createDecompressionContext(&context, NativeLz4.FrameVersion));
        _decompression = new CodecContext(context, static one => NativeLz4.LZ4F_freeDecompressionContext(one));
    }

    public override CompressionType Type => CompressionType.Lz4;

    private static Lz4Preferences Preferences => new() { BlockSizeId = 4, BlockMode = 1 };

    public override int MaxCompressedBytes(int bytes)
    {
        Lz4Preferences preferences = Preferences;
        return checked((int)NativeLz4.LZ4F_compressFrameBound((nuint)bytes, &preferences));
    }

    public override int Compress(ReadOnlySpan<byte> records, Span<byte> into)
    {
        Lz4Preferences preferences = Preferences;
        fixed (byte* source = records, target = into)
        {
            return (int)Check(NativeLz4.LZ4F_compressFrame(target, (nuint)into.Length, source, (nuint)records.Length, &preferences));
        }
    }

    public override CompressionFault Decompress(ReadOnlySpan<byte> compressed, DecompressionBuffer into)
    {
        NativeLz4.LZ4F_resetDecompressionContext(_decompression.Pointer);
        byte beyond = 0;
        while (true)
        {
            bool full = into.Free.IsEmpty && !into.TryGrow();
            nuint taken = (nuint)compressed.Length;
            nuint given = full ? 1 : (nuint)into.Free.Length;
            nuint result;
            fixed (byte* source = compressed, target = into.Free)
            {
                result = NativeLz4.LZ4F_decompress(_decompression.Pointer, full ? &beyond : target, &given, source, &taken, null);
            }

            if (NativeLz4.LZ4F_isError(result) != 0)
            {
                return CompressionFault.Corrupt;
            }

            if (full && given > 0)
            {
                return CompressionFault.TooLarge;
            }

            compressed = compressed[(int)taken..];
            into.Advance(full ? 0 : (int)given);
            if (result == 0)
            {
                // The frame is complete.
                return compressed.IsEmpty ? CompressionFault.None : CompressionFault.Corrupt;
            }

            if (taken == 0 && given == 0)
            {
                // It wants more than there is.
                return CompressionFault.Corrupt;
            }
        }
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _decompression.Dispose();
        }

        base.Dispose(disposing);
    }

    private static nuint Check(nuint result) => NativeLz4.LZ4F_isError(result) == 0
        ? result
        : throw new InvalidOperationException($"liblz4 failed with code {-(long)result}");
}
