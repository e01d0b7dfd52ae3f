using System.Buffers.Binary;
using System.IO.Compression;
using System.Numerics;

namespace Results.Histograms;

/// <summary>
/// Reads the HdrHistogram V2 encodings: <c>cookie, length, zlib(</c>V2<c>)</c> in base64, where V2 is a header of 40 bytes and
/// the counts as ZigZag LEB128, a negative one standing for that many empty buckets. All integers of the headers are big-endian.
/// Only reading lies here: reports need the curve, while the recorder that writes it is part of the measurement.
/// Input is untrusted (a result may come from anywhere): every length is checked before memory is taken for it.
/// </summary>
public static class HdrHistogramDecoder
{
    private const int V2Cookie = 0x1c849303;
    private const int V2CompressedCookie = 0x1c849304;

    /// <summary>The second nibble of a cookie tells the word size, and says nothing about the variable-length counts of V2.</summary>
    private const int CookieMask = ~0xf0;

    private const int CompressedHeaderBytes = 8;
    private const int HeaderBytes = 40;
    private const int CountBytesMax = 9;
    private const int DigitsMax = 5;

    /// <exception cref="ResultFormatException">The text is not such an encoding; the message says what is wrong with it.</exception>
    public static HistogramReading DecodeBase64(string base64)
    {
        ArgumentNullException.ThrowIfNull(base64);
        byte[] bytes = new byte[base64.Length];
        if (!Convert.TryFromBase64String(base64, bytes, out int length)) throw Bad("not base64");
        return DecodeCompressed(bytes.AsSpan(0, length));
    }

    /// <inheritdoc cref="DecodeBase64"/>
    public static HistogramReading DecodeCompressed(ReadOnlySpan<byte> encoded)
    {
        if (encoded.Length < CompressedHeaderBytes) throw Bad("shorter than its header");
        int cookie = BinaryPrimitives.ReadInt32BigEndian(encoded);
        if ((cookie & CookieMask) != V2CompressedCookie) throw Bad($"cookie 0x{cookie:x8} is not of the V2 compressed encoding");
        int length = BinaryPrimitives.ReadInt32BigEndian(encoded[4..]);
        if (length < 0 || length > encoded.Length - CompressedHeaderBytes) throw Bad($"length {length} does not fit");

        using MemoryStream compressed = new(encoded.Slice(CompressedHeaderBytes, length).ToArray());
        using ZLibStream zlib = new(compressed, CompressionMode.Decompress);
        try
        {
            byte[] header = new byte[HeaderBytes];
            zlib.ReadExactly(header);
            Layout layout = Layout.Read(header);
            // Only as much is inflated as the header may claim, and that is bounded: a small text cannot fill the memory.
            byte[] payload = new byte[layout.PayloadBytes];
            zlib.ReadExactly(payload);
            return new HistogramReading(ReadCounts(payload, layout));
        }
        catch (EndOfStreamException)
        {
            throw Bad("ends before its length");
        }
        catch (InvalidDataException e)
        {
            throw Bad($"damaged zlib stream: {e.Message}");
        }
    }

    private static List<HistogramBucket> ReadCounts(ReadOnlySpan<byte> payload, Layout layout)
    {
        List<HistogramBucket> buckets = [];
        long index = 0;
        while (!payload.IsEmpty)
        {
            long count = ReadZigZag(ref payload);
            long run = count < 0 ? -count : 1;
            // -long.MinValue is negative again.
            if (run <= 0 || run > layout.CountsLength - index) throw Bad("more counts than its range has buckets");
            if (count > 0) buckets.Add(layout.Bucket((int)index, count));
            index += run;
        }

        return buckets;
    }

    /// <summary>LEB128 of at most nine bytes: unlike the common form, the ninth byte carries eight bits.</summary>
    private static long ReadZigZag(ref ReadOnlySpan<byte> payload)
    {
        ulong raw = 0;
        for (int i = 0; i < CountBytesMax; i++)
        {
            if (i >= payload.Length) throw Bad("ends within a count");
            ulong part = payload[i];
            bool last = part < 0x80 || i == CountBytesMax - 1;
            if (i < CountBytesMax - 1) part &= 0x7f;
            raw |= part << (7 * i);
            if (!last) continue;
            payload = payload[(i + 1)..];
            break;
        }

        return (long)(raw >> 1) ^ -(long)(raw & 1);
    }

    private static ResultFormatException Bad(string what) => new($"latency histogram: {what}");

    /// <summary>How an index of the counts becomes a range of values; all of it follows from three numbers of the header.</summary>
    private readonly record struct Layout(int PayloadBytes, int UnitMagnitude, int SubBucketHalfMagnitude, int CountsLength)
    {
        public static Layout Read(ReadOnlySpan<byte> header)
        {
            int cookie = BinaryPrimitives.ReadInt32BigEndian(header);
            if ((cookie & CookieMask) != V2Cookie) throw Bad($"cookie 0x{cookie:x8} is not of the V2 encoding");
            int payloadBytes = BinaryPrimitives.ReadInt32BigEndian(header[4..]);
            // header[8..12], the normalizing index offset, tells how a histogram lies in its owner's memory. The counts are
            // written in order of value whatever it is (and some writers put a 1 there), so that it has no say here.
            int digits = BinaryPrimitives.ReadInt32BigEndian(header[12..]);
            long lowest = BinaryPrimitives.ReadInt64BigEndian(header[16..]);
            long highest = BinaryPrimitives.ReadInt64BigEndian(header[24..]);
            if (digits is < 0 or > DigitsMax) throw Bad($"{digits} significant digits");
            if (lowest < 1 || highest < 2 * (Int128)lowest) throw Bad($"range {lowest} to {highest}");

            int unitMagnitude = BitOperations.Log2((ulong)lowest);
            long singleUnitMax = 2 * (long)Math.Pow(10, digits);
            int halfMagnitude = Math.Max(BitOperations.Log2((ulong)singleUnitMax - 1) + 1, 1) - 1;
            if (unitMagnitude + halfMagnitude > 61) throw Bad($"range from {lowest} at {digits} digits");

            int bucketCount = 1;
            for (Int128 beyond = (Int128)2 << (halfMagnitude + unitMagnitude); beyond <= highest; beyond <<= 1) bucketCount++;
            int countsLength = (bucketCount + 1) << halfMagnitude;
            if (payloadBytes < 0 || payloadBytes > (long)countsLength * CountBytesMax) throw Bad($"payload of {payloadBytes} bytes");
            return new Layout(payloadBytes, unitMagnitude, halfMagnitude, countsLength);
        }

        public HistogramBucket Bucket(int index, long count)
        {
            int half = 1 << SubBucketHalfMagnitude;
            int bucket = (index >> SubBucketHalfMagnitude) - 1;
            int sub = (index & (half - 1)) + half;
            if (bucket < 0)
            {
                bucket = 0;
                sub -= half;
            }

            int shift = bucket + UnitMagnitude;
            long lowest = (long)sub << shift;
            return new HistogramBucket(lowest, lowest + (1L << shift) - 1, count);
        }
    }
}
