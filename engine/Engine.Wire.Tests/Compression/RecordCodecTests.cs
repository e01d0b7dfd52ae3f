using System.Buffers.Binary;
using Engine.Linux.Tests;

namespace Engine.Wire.Tests;

public class RecordCodecTests
{
    private const int Unlimited = 64 << 20;

    public static TheoryData<CompressionType> Codecs =>
        [CompressionType.Gzip, CompressionType.Snappy, CompressionType.Lz4, CompressionType.Zstd];

    [Theory]
    [MemberData(nameof(Codecs))]
    public void What_was_compressed_comes_back(CompressionType type)
    {
        using RecordCodec codec = RecordCodec.Create(type);
        DecompressionBuffer buffer = new();
        foreach (int length in (int[])[0, 1, 2, 61, 1000, 32 * 1024, (32 * 1024) + 1, 65_536, 100_000, 3_000_000])
        {
            foreach (byte[] records in (byte[][])[new byte[length], Incompressible(length), Text(length)])
            {
                byte[] compressed = Compress(codec, records);
                buffer.Reset(Unlimited);
                Assert.Equal(CompressionFault.None, codec.Decompress(compressed, buffer));
                Assert.True(buffer.Written.SequenceEqual(records), $"{type}, {length} bytes");
            }
        }

        Assert.Equal(type, codec.Type);
        Assert.True(Compress(codec, new byte[100_000]).Length < 10_000);
    }

    [Theory]
    [MemberData(nameof(Codecs))]
    public void Decompressed_bytes_follow_what_is_in_the_buffer(CompressionType type)
    {
        using RecordCodec codec = RecordCodec.Create(type);
        DecompressionBuffer buffer = new();
        buffer.Reset(Unlimited);
        Assert.True(buffer.TryWrite("header"u8));
        byte[] records = Text(200_000);
        Assert.Equal(CompressionFault.None, codec.Decompress(Compress(codec, records), buffer));
        Assert.True(buffer.Written.SequenceEqual([.. "header"u8, .. records]));
    }

    [Theory]
    [MemberData(nameof(Codecs))]
    public void Cut_off_anywhere_it_is_corrupt(CompressionType type)
    {
        using RecordCodec codec = RecordCodec.Create(type);
        DecompressionBuffer buffer = new();
        byte[] compressed = Compress(codec, Text(5_000));
        for (int length = 0; length < compressed.Length; length++)
        {
            if (type == CompressionType.Snappy && length == 16)
            {
                // Xerial's header alone is a stream of no blocks, which is whole.
                continue;
            }

            buffer.Reset(Unlimited);
            Assert.True(
                codec.Decompress(compressed.AsSpan(0, length), buffer) == CompressionFault.Corrupt, $"{type}, {length} of {compressed.Length} bytes");
        }

        buffer.Reset(Unlimited);
        Assert.Equal(CompressionFault.Corrupt, codec.Decompress([.. compressed, 7], buffer));
    }

    [Theory]
    [MemberData(nameof(Codecs))]
    public void Whatever_the_bytes_it_ends_with_a_verdict(CompressionType type)
    {
        using RecordCodec codec = RecordCodec.Create(type);
        DecompressionBuffer buffer = new();
        Random random = new(17);
        byte[] records = Text(3_000);
        byte[] sound = Compress(codec, records);
        int corrupt = 0;
        for (int i = 0; i < 3_000; i++)
        {
            byte[] bytes = [.. sound];
            for (int flips = random.Next(1, 4); flips > 0; flips--)
            {
                bytes[random.Next(bytes.Length)] = (byte)random.Next(256);
            }

            if (i % 8 == 0)
            {
                random.NextBytes(bytes.AsSpan(random.Next(bytes.Length)));
            }

            buffer.Reset(1 << 20);
            corrupt += codec.Decompress(bytes, buffer) == CompressionFault.None ? 0 : 1;
            Assert.InRange(buffer.Written.Length, 0, 1 << 20);
        }

        Assert.InRange(corrupt, 1, 3_000);
        buffer.Reset(Unlimited);
        Assert.Equal(CompressionFault.None, codec.Decompress(sound, buffer));
        Assert.True(buffer.Written.SequenceEqual(records));
    }

    [Theory]
    [MemberData(nameof(Codecs))]
    public void A_bomb_is_stopped_at_the_limit(CompressionType type)
    {
        using RecordCodec codec = RecordCodec.Create(type);
        byte[] bomb = Compress(codec, new byte[20 << 20]);
        Assert.True(bomb.Length < 1_200_000);
        DecompressionBuffer buffer = new();
        long before = GC.GetAllocatedBytesForCurrentThread();
        buffer.Reset(300_000);
        Assert.Equal(CompressionFault.TooLarge, codec.Decompress(bomb, buffer));
        Assert.InRange(buffer.Written.Length, 0, 300_000);

        // The buffer grew 64, 128, 256 and 293 KiB; a codec of objects adds a few, never the bomb.
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 2 << 20);
    }

    [Theory]
    [MemberData(nameof(Codecs))]
    public void Exactly_the_limit_is_allowed_and_one_more_is_not(CompressionType type)
    {
        using RecordCodec codec = RecordCodec.Create(type);
        DecompressionBuffer buffer = new();
        byte[] compressed = Compress(codec, Text(100_000));
        buffer.Reset(100_000);
        Assert.Equal(CompressionFault.None, codec.Decompress(compressed, buffer));
        buffer.Reset(99_999);
        Assert.Equal(CompressionFault.TooLarge, codec.Decompress(compressed, buffer));
    }

    [Fact]
    public void Snappy_is_framed_as_xerials()
    {
        // snappy-java: magic, version 1, lowest compatible version 1, then for each block its length and itself. A block of snappy is the
        // plain length as a varint, then tags: a literal of n bytes (n up to 60) is (n - 1) << 2, then the bytes.
        byte[] header = [0x82, .. "SNAPPY"u8, 0, 0, 0, 0, 1, 0, 0, 0, 1];
        byte[] framed = [.. header, 0, 0, 0, 5, 3, 2 << 2, .. "abc"u8, 0, 0, 0, 4, 2, 1 << 2, .. "de"u8];
        Assert.Equal("abcde"u8.ToArray(), Decompress(CompressionType.Snappy, framed));
        using RecordCodec codec = RecordCodec.Create(CompressionType.Snappy);
        Assert.Equal([.. header, 0, 0, 0, 5, 3, 2 << 2, .. "abc"u8], Compress(codec, "abc"u8.ToArray()));

        // A copy with a two-byte offset: ((length - 1) << 2) | 2, then the offset.
        byte[] raw = [10, 1 << 2, .. "xy"u8, (7 << 2) | 2, 2, 0];
        Assert.Equal("xyxyxyxyxy"u8.ToArray(), Decompress(CompressionType.Snappy, raw));
        Assert.Equal("xyxyxyxyxy"u8.ToArray(), Decompress(CompressionType.Snappy, [.. header, 0, 0, 0, (byte)raw.Length, .. raw]));
    }

    [Fact]
    public void Snappys_blocks_are_of_32_KiB()
    {
        using RecordCodec codec = RecordCodec.Create(CompressionType.Snappy);
        byte[] compressed = Compress(codec, Incompressible(70_000));
        List<int> lengths = [];
        for (int at = 16; at < compressed.Length;)
        {
            int block = BinaryPrimitives.ReadInt32BigEndian(compressed.AsSpan(at));
            int position = at + 4;
            Assert.True(Varint.TryRead(compressed, ref position, out ulong plain));
            lengths.Add((int)plain);
            at += 4 + block;
        }

        Assert.Equal([32_768, 32_768, 4_464], lengths);
    }

    [Fact]
    public void A_claimed_length_without_the_bytes_for_it_is_corrupt_before_anything_is_allocated()
    {
        byte[] claims = [0xFF, 0xFF, 0xFF, 0xFF, 0x07, 0, (byte)'a'];
        Assert.All(Allocations.ButForOne(Enumerable.Range(0, 5).Select(_ => Decompressing())), allocated => Assert.InRange(allocated, 0, 10_000));

        // Each with memory of its own: what one had allocated and kept, the next would not allocate.
        long Decompressing()
        {
            using RecordCodec codec = RecordCodec.Create(CompressionType.Snappy);
            DecompressionBuffer buffer = new();
            buffer.Reset(int.MaxValue);
            return Allocations.Of(() => Assert.Equal(CompressionFault.Corrupt, codec.Decompress(claims, buffer)));
        }
    }

    [Fact]
    public void Lz4_frames_are_those_that_kafkas_java_client_reads()
    {
        using RecordCodec codec = RecordCodec.Create(CompressionType.Lz4);
        byte[] compressed = Compress(codec, Text(300_000));
        Assert.Equal(0x184D2204u, BinaryPrimitives.ReadUInt32LittleEndian(compressed));
        Assert.Equal(0x60, compressed[4]); // version 1, blocks independent, no checksums, no content size
        Assert.Equal(4 << 4, compressed[5]); // blocks of 64 KiB
    }

    [Fact]
    public void A_missing_library_is_named_with_its_package()
    {
        MissingCodecException missing = Assert.Throws<MissingCodecException>(
            () => RecordCodec.RequireLibrary(CompressionType.Zstd, "libnowhere.so.1", "libzstd1"));
        Assert.Equal(CompressionType.Zstd, missing.Type);
        Assert.Contains("zstd needs libnowhere.so.1", missing.Message, StringComparison.Ordinal);
        Assert.Contains("package libzstd1", missing.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', missing.Message);
    }

    [Fact]
    public void Names_are_those_of_configurations()
    {
        foreach (CompressionType type in Enum.GetValues<CompressionType>())
        {
            Assert.True(RecordCodec.TryParse(RecordCodec.NameOf(type), out CompressionType parsed));
            Assert.Equal(type, parsed);
        }

        Assert.False(RecordCodec.TryParse("brotli", out _));
        Assert.Throws<ArgumentOutOfRangeException>(() => RecordCodec.Create(CompressionType.None));
    }

    private static byte[] Compress(RecordCodec codec, byte[] records)
    {
        byte[] into = new byte[codec.MaxCompressedBytes(records.Length)];
        return into[..codec.Compress(records, into)];
    }

    private static byte[] Decompress(CompressionType type, byte[] compressed)
    {
        using RecordCodec codec = RecordCodec.Create(type);
        DecompressionBuffer buffer = new();
        buffer.Reset(Unlimited);
        Assert.Equal(CompressionFault.None, codec.Decompress(compressed, buffer));
        return buffer.Written.ToArray();
    }

    private static byte[] Incompressible(int length)
    {
        byte[] bytes = new byte[length];
        new Random(5).NextBytes(bytes);
        return bytes;
    }

    private static byte[] Text(int length)
    {
        Random random = new(3);
        byte[] bytes = new byte[length];
        for (int i = 0; i < length; i++)
        {
            bytes[i] = (byte)('a' + random.Next(3));
        }

        return bytes;
    }
}
