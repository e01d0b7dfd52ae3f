using System.Buffers.Binary;
using System.IO.Compression;

namespace Harness.Measure;

/// <summary>
/// Writes the HdrHistogram V2 compressed encoding (HdrHistogram, AbstractHistogram.encodeIntoCompressedByteBuffer), big-endian:
/// <code>
/// outer: cookie 0x1c849314 (4), length of what follows (4), zlib stream of
/// inner: cookie 0x1c849313 (4), payload length (4), normalizing index offset 0 (4), significant digits (4),
///        lowest discernible value (8), highest trackable value (8), integer-to-double ratio 1.0 (8), payload
/// payload: the counts from slot 0 to the slot of the largest value, each ZigZag LEB128 in at most 9 bytes;
///          two or more zeros in a row as one negative number
/// </code>
/// </summary>
internal static class HdrEncoder
{
    private const int CookieInner = 0x1c849303 | 0x10;
    private const int CookieCompressed = 0x1c849304 | 0x10;
    private const int HeaderBytes = 40;
    private const int CompressedHeaderBytes = 8;
    private const int CountBytesMax = 9;

    internal static byte[] EncodeCompressed(LatencyRecorder recorder)
    {
        byte[] inner = Encode(recorder);
        using MemoryStream stream = new();
        stream.Write(stackalloc byte[CompressedHeaderBytes]);
        using (ZLibStream zlib = new(stream, CompressionLevel.Optimal, leaveOpen: true))
        {
            zlib.Write(inner);
        }

        byte[] outer = stream.ToArray();
        BinaryPrimitives.WriteInt32BigEndian(outer, CookieCompressed);
        BinaryPrimitives.WriteInt32BigEndian(outer.AsSpan(4), outer.Length - CompressedHeaderBytes);
        return outer;
    }

    private static byte[] Encode(LatencyRecorder recorder)
    {
        ReadOnlySpan<long> counts = recorder.Counts[..(HdrLayout.SlotOf(recorder.MaxMicros) + 1)];
        byte[] bytes = new byte[HeaderBytes + (counts.Length * CountBytesMax)];
        int at = HeaderBytes;
        for (int slot = 0; slot < counts.Length;)
        {
            long value = counts[slot++];
            if (value == 0)
            {
                int zeros = 1;
                while (slot < counts.Length && counts[slot] == 0)
                {
                    zeros++;
                    slot++;
                }

                value = zeros > 1 ? -zeros : 0;
            }

            WriteZigZag(bytes, ref at, value);
        }

        BinaryPrimitives.WriteInt32BigEndian(bytes, CookieInner);
        BinaryPrimitives.WriteInt32BigEndian(bytes.AsSpan(4), at - HeaderBytes);
        BinaryPrimitives.WriteInt32BigEndian(bytes.AsSpan(12), HdrLayout.SignificantDigits);
        BinaryPrimitives.WriteInt64BigEndian(bytes.AsSpan(16), HdrLayout.LowestMicros);
        BinaryPrimitives.WriteInt64BigEndian(bytes.AsSpan(24), HdrLayout.HighestMicros);
        BinaryPrimitives.WriteDoubleBigEndian(bytes.AsSpan(32), 1.0);
        return bytes[..at];
    }

    /// <summary>LEB128 of the ZigZag form; unlike the common variant the ninth byte, if there is one, carries eight bits.</summary>
    private static void WriteZigZag(Span<byte> bytes, ref int at, long value)
    {
        ulong rest = (ulong)((value << 1) ^ (value >> 63));
        for (int i = 1; i < CountBytesMax && rest > 0x7F; i++)
        {
            bytes[at++] = (byte)(rest | 0x80);
            rest >>= 7;
        }

        bytes[at++] = (byte)rest;
    }
}
