using System.Buffers.Binary;
using System.IO.Compression;

namespace Harness.Measure.Tests;

/// <summary>Reads the V2 compressed encoding from its public description alone: shares nothing with the writer under test.</summary>
internal static class HdrDecoder
{
    internal sealed record Decoded(int Digits, long Lowest, long Highest, double Ratio, List<long> Counts);

    internal static Decoded Decode(string base64)
    {
        byte[] outer = Convert.FromBase64String(base64);
        Assert.Equal(0x1c849314, BinaryPrimitives.ReadInt32BigEndian(outer));
        Assert.Equal(outer.Length - 8, BinaryPrimitives.ReadInt32BigEndian(outer.AsSpan(4)));
        using ZLibStream zlib = new(new MemoryStream(outer, 8, outer.Length - 8), CompressionMode.Decompress);
        using MemoryStream plain = new();
        zlib.CopyTo(plain);
        byte[] inner = plain.ToArray();
        Assert.Equal(0x1c849313, BinaryPrimitives.ReadInt32BigEndian(inner));
        Assert.Equal(inner.Length - 40, BinaryPrimitives.ReadInt32BigEndian(inner.AsSpan(4)));
        Assert.Equal(0, BinaryPrimitives.ReadInt32BigEndian(inner.AsSpan(8)));
        List<long> counts = [];
        for (int at = 40; at < inner.Length;)
        {
            ulong raw = 0;
            for (int i = 0; i < 9; i++)
            {
                byte b = inner[at++];
                raw |= i == 8 ? (ulong)b << 56 : (ulong)(b & 0x7F) << (7 * i);
                if (i < 8 && b < 0x80)
                {
                    break;
                }
            }

            long value = (long)(raw >> 1) ^ -(long)(raw & 1);
            counts.AddRange(value < 0 ? Enumerable.Repeat(0L, (int)-value) : [value]);
        }

        return new Decoded(
            BinaryPrimitives.ReadInt32BigEndian(inner.AsSpan(12)),
            BinaryPrimitives.ReadInt64BigEndian(inner.AsSpan(16)),
            BinaryPrimitives.ReadInt64BigEndian(inner.AsSpan(24)),
            BinaryPrimitives.ReadDoubleBigEndian(inner.AsSpan(32)),
            counts);
    }

    /// <summary>The lowest value of a slot by walking the layout bucket after bucket, as its description goes.</summary>
    internal static long LowestOf(int slot)
    {
        if (slot < 2048)
        {
            return slot;
        }

        int bucket = 1;
        int first = 2048;
        while (slot >= first + 1024)
        {
            first += 1024;
            bucket++;
        }

        return (1024L + slot - first) << bucket;
    }
}
