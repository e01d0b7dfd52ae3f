using System.Buffers.Binary;
using IronSnappy;

namespace Engine.Wire;

/// <summary>
/// Snappy as Kafka's Java clients write it: xerial's framing, which is a header of magic, version and lowest compatible version, then
/// blocks of at most 32 KiB, each after its compressed length. librdkafka writes one raw block instead; both are read.
/// (snappy-java: SnappyCodec.java, SnappyOutputStream.java.)
/// </summary>
internal sealed class SnappyCodec : RecordCodec
{
    internal const int BlockBytes = 32 * 1024;
    private const int HeaderBytes = 16;
    private const int LengthBytes = 4;
    private const int VersionAt = 8;
    private const int CompatibleVersionAt = 12;
    private const int Version = 1;

    /// <summary>
    /// Three bytes copy 64 at most, so a block cannot become more than 22 times as long: a length above that is a lie, and nothing is
    /// allocated for it.
    /// </summary>
    private const int RatioMax = 22;

    private static ReadOnlySpan<byte> Magic => [0x82, (byte)'S', (byte)'N', (byte)'A', (byte)'P', (byte)'P', (byte)'Y', 0];

    public override CompressionType Type => CompressionType.Snappy;

    /// <summary>A block's bound is snappy's own: 32 + n + n/6.</summary>
    public override int MaxCompressedBytes(int bytes)
    {
        int blocks = (bytes / BlockBytes) + 1;
        return checked(HeaderBytes + bytes + (bytes / 6) + (blocks * (32 + LengthBytes)));
    }

    public override int Compress(ReadOnlySpan<byte> records, Span<byte> into)
    {
        Magic.CopyTo(into);
        BinaryPrimitives.WriteInt32BigEndian(into[VersionAt..], Version);
        BinaryPrimitives.WriteInt32BigEndian(into[CompatibleVersionAt..], Version);
        int position = HeaderBytes;
        while (!records.IsEmpty)
        {
            byte[] block = Snappy.Encode(records[..Math.Min(BlockBytes, records.Length)]);
            BinaryPrimitives.WriteInt32BigEndian(into[position..], block.Length);
            block.CopyTo(into[(position + LengthBytes)..]);
            position += LengthBytes + block.Length;
            records = records[Math.Min(BlockBytes, records.Length)..];
        }

        return position;
    }

    public override CompressionFault Decompress(ReadOnlySpan<byte> compressed, DecompressionBuffer into)
    {
        if (compressed.Length < HeaderBytes || !compressed.StartsWith(Magic))
        {
            return DecompressBlock(compressed, into);
        }

        compressed = compressed[HeaderBytes..];
        while (!compressed.IsEmpty)
        {
            if (compressed.Length < LengthBytes)
            {
                return CompressionFault.Corrupt;
            }

            int length = BinaryPrimitives.ReadInt32BigEndian(compressed);
            compressed = compressed[LengthBytes..];
            if (length <= 0 || length > compressed.Length)
            {
                return CompressionFault.Corrupt;
            }

            CompressionFault fault = DecompressBlock(compressed[..length], into);
            if (fault != CompressionFault.None)
            {
                return fault;
            }

            compressed = compressed[length..];
        }

        return CompressionFault.None;
    }

    private static CompressionFault DecompressBlock(ReadOnlySpan<byte> block, DecompressionBuffer into)
    {
        int at = 0;
        if (!Varint.TryRead(block, ref at, out ulong length) || length > (ulong)block.Length * RatioMax)
        {
            return CompressionFault.Corrupt;
        }

        if (length > (ulong)(into.LimitBytes - into.Written.Length))
        {
            return CompressionFault.TooLarge;
        }

        try
        {
            return into.TryWrite(Snappy.Decode(block)) ? CompressionFault.None : CompressionFault.TooLarge;
        }
        catch (IOException)
        {
            // What the library throws for input that no encoder wrote.
            return CompressionFault.Corrupt;
        }
    }
}
