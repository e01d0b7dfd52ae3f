namespace Engine.Wire.Tests;

public sealed class VarintTests
{
    [Theory]
    [InlineData(0, 0u)]
    [InlineData(-1, 1u)]
    [InlineData(1, 2u)]
    [InlineData(int.MaxValue, uint.MaxValue - 1)]
    [InlineData(int.MinValue, uint.MaxValue)]
    public void Zigzag_puts_small_magnitudes_first(int value, uint encoded)
    {
        Assert.Equal(encoded, Varint.ZigZag(value));
        Assert.Equal(value, Varint.UnZigZag(encoded));
    }

    [Theory]
    [InlineData(0L, 0ul)]
    [InlineData(-1L, 1ul)]
    [InlineData(long.MaxValue, ulong.MaxValue - 1)]
    [InlineData(long.MinValue, ulong.MaxValue)]
    public void Zigzag_of_64_bits(long value, ulong encoded)
    {
        Assert.Equal(encoded, Varint.ZigZag(value));
        Assert.Equal(value, Varint.UnZigZag(encoded));
    }

    [Theory]
    [InlineData(0ul, "00")]
    [InlineData(1ul, "01")]
    [InlineData(127ul, "7F")]
    [InlineData(128ul, "8001")]
    [InlineData(300ul, "AC02")]
    [InlineData(16383ul, "FF7F")]
    [InlineData(16384ul, "808001")]
    [InlineData((ulong)uint.MaxValue, "FFFFFFFF0F")]
    [InlineData(ulong.MaxValue, "FFFFFFFFFFFFFFFFFF01")]
    public void Known_encodings(ulong value, string hex)
    {
        byte[] bytes = new byte[16];
        int written = Varint.Write(ref bytes[0], value);
        Assert.Equal(hex, Convert.ToHexString(bytes.AsSpan(0, written)));
        Assert.Equal(written, Varint.Size(value));
    }

    [Fact]
    public void Every_bit_length_round_trips_and_is_refused_when_cut()
    {
        byte[] bytes = new byte[16];
        for (int bits = 0; bits <= 64; bits++)
        {
            foreach (ulong value in (ulong[])[Edge(bits), Edge(bits) - 1, Edge(bits) / 3])
            {
                int written = Varint.Write(ref bytes[0], value);
                Assert.Equal(Varint.Size(value), written);
                int position = 0;
                Assert.True(Varint.TryRead(bytes.AsSpan(0, written), ref position, out ulong read));
                Assert.Equal((value, written), (read, position));
                for (int cut = 0; cut < written; cut++)
                {
                    position = 0;
                    Assert.False(Varint.TryRead(bytes.AsSpan(0, cut), ref position, out _));
                }
            }
        }

        static ulong Edge(int bits) => bits == 64 ? ulong.MaxValue : 1ul << bits;
    }

    [Theory]
    [InlineData("FFFFFFFFFFFFFFFFFF02")] // 65 bits
    [InlineData("FFFFFFFFFFFFFFFFFFFF01")] // eleven bytes
    [InlineData("80808080808080808080808000")]
    public void More_than_64_bits_are_refused(string hex)
    {
        int position = 0;
        Assert.False(Varint.TryRead(Convert.FromHexString(hex), ref position, out _));
    }

    [Fact]
    public void A_position_outside_the_bytes_is_refused()
    {
        int position = 3;
        Assert.False(Varint.TryRead(new byte[3], ref position, out _));
        position = -1;
        Assert.False(Varint.TryRead(new byte[3], ref position, out _));
    }
}
