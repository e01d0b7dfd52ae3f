using System.Buffers.Binary;
using System.IO.Compression;

namespace Engine.Wire;

/// <summary>
/// gzip by the framework, at zlib's default level as Kafka has it. The framework knows it as a stream only: a batch costs a few small
/// objects. It does not tell an input that was cut off from one that ended, so the length that a gzip member ends with is compared
/// here; that allows for one member, which is what Kafka's clients write.
/// </summary>
internal sealed unsafe class GzipCodec : RecordCodec
{
    /// <summary>Header of 10 bytes, trailer of checksum and length.</summary>
    private const int FramingBytes = 18;
    private const int TrailerLengthBytes = 4;

    /// <summary>The member of no bytes, for which the framework writes nothing at all.</summary>
    private static ReadOnlySpan<byte> Empty => [0x1F, 0x8B, 8, 0, 0, 0, 0, 0, 0, 3, 3, 0, 0, 0, 0, 0, 0, 0, 0, 0];

    public override CompressionType Type => CompressionType.Gzip;

    /// <summary>A literal takes at most 9 bits in the fixed code, which deflate falls back on (RFC 1951), and a stored block little more than itself.</summary>
    public override int MaxCompressedBytes(int bytes) => checked(bytes + (bytes / 8) + 64 + FramingBytes);

    public override int Compress(ReadOnlySpan<byte> records, Span<byte> into)
    {
        if (records.IsEmpty)
        {
            Empty.CopyTo(into);
            return Empty.Length;
        }

        fixed (byte* start = into)
        {
            using UnmanagedMemoryStream compressed = new(start, 0, into.Length, FileAccess.Write);
            using (GZipStream gzip = new(compressed, CompressionLevel.Optimal, leaveOpen: true))
            {
                gzip.Write(records);
            }

            return (int)compressed.Position;
        }
    }

    public override CompressionFault Decompress(ReadOnlySpan<byte> compressed, DecompressionBuffer into)
    {
        if (compressed.Length < FramingBytes)
        {
            return CompressionFault.Corrupt;
        }

        int before = into.Written.Length;
        fixed (byte* start = compressed)
        {
            using UnmanagedMemoryStream input = new(start, compressed.Length);
            using GZipStream gzip = new(input, CompressionMode.Decompress, leaveOpen: true);
            try
            {
                if (!TryReadAll(gzip, into))
                {
                    return CompressionFault.TooLarge;
                }
            }
            catch (InvalidDataException)
            {
                return CompressionFault.Corrupt;
            }
        }

        uint length = BinaryPrimitives.ReadUInt32LittleEndian(compressed[^TrailerLengthBytes..]);
        return length == (uint)(into.Written.Length - before) ? CompressionFault.None : CompressionFault.Corrupt;
    }

    /// <summary>False when more comes than the limit allows.</summary>
    private static bool TryReadAll(GZipStream gzip, DecompressionBuffer into)
    {
        Span<byte> beyond = stackalloc byte[1];
        while (true)
        {
            if (into.Free.IsEmpty && !into.TryGrow())
            {
                return gzip.Read(beyond) == 0;
            }

            int count = gzip.Read(into.Free);
            if (count == 0)
            {
                return true;
            }

            into.Advance(count);
        }
    }
}
