using System.Buffers.Binary;
using System.IO.Compression;

namespace Results.Samples;

/// <summary>
/// Writes the HdrHistogram V2 compressed encoding at three significant digits from 1 µs, straight from its definition:
/// the other side of what the decoder reads.
/// </summary>
internal static class HdrV2Encoder
{
    private const int HalfMagnitude = 10;
    private const int HalfCount = 1 << HalfMagnitude;

    public static string Encode(IEnumerable<(long Value, long Count)> values)
    {
        SortedDictionary<int, long> counts = [];
        foreach ((long value, long count) in values) counts[IndexOf(value)] = counts.GetValueOrDefault(IndexOf(value)) + count;

        List<byte> payload = [];
        int next = 0;
        foreach ((int index, long count) in counts)
        {
            int gap = index - next;
            if (gap == 1) WriteZigZag(payload, 0);
            else if (gap > 1) WriteZigZag(payload, -gap);
            WriteZigZag(payload, count);
            next = index + 1;
        }

        return Wrap(Header(payload.Count), [.. payload]);
    }

    public static byte[] Header(int payloadBytes, int cookie = 0x1c849313, int digits = 3, long lowest = 1, long highest = 3_600_000_000)
    {
        byte[] header = new byte[40];
        BinaryPrimitives.WriteInt32BigEndian(header, cookie);
        BinaryPrimitives.WriteInt32BigEndian(header.AsSpan(4), payloadBytes);
        BinaryPrimitives.WriteInt32BigEndian(header.AsSpan(12), digits);
        BinaryPrimitives.WriteInt64BigEndian(header.AsSpan(16), lowest);
        BinaryPrimitives.WriteInt64BigEndian(header.AsSpan(24), highest);
        BinaryPrimitives.WriteDoubleBigEndian(header.AsSpan(32), 1.0);
        return header;
    }

    public static string Wrap(byte[] header, byte[] payload, int cookie = 0x1c849314, int? length = null)
    {
        using MemoryStream compressed = new();
        using (ZLibStream zlib = new(compressed, CompressionLevel.Optimal, leaveOpen: true))
        {
            zlib.Write(header);
            zlib.Write(payload);
        }

        byte[] all = new byte[8 + compressed.Length];
        BinaryPrimitives.WriteInt32BigEndian(all, cookie);
        BinaryPrimitives.WriteInt32BigEndian(all.AsSpan(4), length ?? (int)compressed.Length);
        compressed.ToArray().CopyTo(all, 8);
        return Convert.ToBase64String(all);
    }

    private static int IndexOf(long value)
    {
        int bucket = Math.Max(0, 63 - HalfMagnitude - System.Numerics.BitOperations.LeadingZeroCount((ulong)value));
        return (bucket * HalfCount) + (int)(value >> bucket);
    }

    private static void WriteZigZag(List<byte> output, long value)
    {
        ulong raw = (ulong)((value << 1) ^ (value >> 63));
        for (int i = 0; i < 8 && raw >= 0x80; i++)
        {
            output.Add((byte)(raw | 0x80));
            raw >>= 7;
        }

        output.Add((byte)raw);
    }
}
