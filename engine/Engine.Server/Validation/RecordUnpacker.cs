using Engine.Storage;
using Engine.Wire;

namespace Engine.Server;

/// <summary>
/// Validates compressed batches by unpacking them into a buffer that never grows over a limit, whatever a batch claims of itself. Belongs to
/// one validator's thread.
/// </summary>
/// <param name="createCodec">Makes a codec when its first batch comes.</param>
internal sealed class RecordUnpacker(int unpackedMaxBytes, Func<CompressionType, RecordCodec> createCodec) : IDisposable
{
    /// <summary>A larger buffer is not kept for batches to come.</summary>
    private const int KeptBytesMax = 8 << 20;

    private readonly RecordCodec?[] _codecs = new RecordCodec?[(int)CompressionType.Zstd + 1];
    private readonly string _tooLarge =
        $"the batch unpacks to more than {unpackedMaxBytes} bytes (record.validation.unpacked.max.bytes)";

    /// <summary>Of each codec whose library is not on this machine, the line that says how to get it.</summary>
    private readonly string?[] _missing = new string?[(int)CompressionType.Zstd + 1];

    private DecompressionBuffer _buffer = new();

    public BatchVerdict Validate(ReadOnlySpan<byte> batch, LogConfig config, long nowMs)
    {
        ErrorCode error = BatchValidation.CheckHeader(batch, config);
        if (error != ErrorCode.None)
        {
            return BatchVerdict.Refused(error);
        }

        CompressionType compression = RecordBatch.Compression(batch);
        if (Codec(compression) is not { } codec)
        {
            return BatchVerdict.Refused(ErrorCode.UnsupportedCompressionType, _missing[(int)compression]);
        }

        _buffer.Reset(unpackedMaxBytes);
        BatchVerdict verdict = codec.Decompress(batch[RecordBatch.HeaderBytes..], _buffer) switch
        {
            CompressionFault.None => BatchValidation.ByRecords(batch, _buffer.Written, config, nowMs),

            // A producer that is told so splits the batch, if it can, and the halves may be taken.
            CompressionFault.TooLarge => BatchVerdict.Refused(ErrorCode.MessageTooLarge, _tooLarge),

            // Kafka's streams fail in a way for which the protocol has no error.
            _ => BatchVerdict.Refused(ErrorCode.UnknownServerError, "the records cannot be decompressed"),
        };
        if (_buffer.CapacityBytes > KeptBytesMax)
        {
            _buffer = new DecompressionBuffer();
        }

        return verdict;
    }

    private RecordCodec? Codec(CompressionType type)
    {
        if (_codecs[(int)type] is null && _missing[(int)type] is null)
        {
            try
            {
                _codecs[(int)type] = createCodec(type);
            }
            catch (MissingCodecException missing)
            {
                _missing[(int)type] = missing.Message;
            }
        }

        return _codecs[(int)type];
    }

    public void Dispose()
    {
        foreach (RecordCodec? codec in _codecs)
        {
            codec?.Dispose();
        }
    }
}
