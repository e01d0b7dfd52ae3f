using System.Runtime.Intrinsics.X86;

namespace Engine.Wire.Tests;

public sealed class Crc32CTests
{
    private const int LengthMax = 10_000;
    private const uint PolynomialReflected = 0x82F63B78;

    [Theory]
    [InlineData("", 0u)]
    [InlineData("a", 0xC1D04330u)]
    [InlineData("123456789", 0xE3069283u)] // the check value of the polynomial's catalogue entry
    public void Known_values(string text, uint expected) =>
        Assert.Equal(expected, Crc32C.Compute(System.Text.Encoding.ASCII.GetBytes(text)));

    [Fact]
    public void Known_values_of_the_iSCSI_specification()
    {
        // RFC 3720, B.4.
        Assert.Equal(0x8A9136AAu, Crc32C.Compute(new byte[32]));
        Assert.Equal(0x62A8AB43u, Crc32C.Compute(Enumerable.Repeat((byte)0xFF, 32).ToArray()));
        Assert.Equal(0x46DD794Eu, Crc32C.Compute(Enumerable.Range(0, 32).Select(i => (byte)i).ToArray()));
    }

    [Fact]
    public void Every_length_and_alignment_agrees_with_the_bitwise_reference()
    {
        byte[] bytes = new byte[LengthMax + 16];
        new Random(1).NextBytes(bytes);
        for (int misalignment = 0; misalignment < 16; misalignment += 3)
        {
            uint[] expected = ReferenceOfAllPrefixes(bytes.AsSpan(misalignment, LengthMax));
            for (int length = 0; length <= LengthMax; length += length < 1300 ? 1 : 37)
            {
                uint actual = Crc32C.Compute(bytes.AsSpan(misalignment, length));
                Assert.True(expected[length] == actual, $"length {length} at {misalignment}: {actual:X8}, not {expected[length]:X8}");

                // What processors without carry-less multiplication of 512 bits take.
                actual = ~Crc32C.ByInstruction(uint.MaxValue, bytes.AsSpan(misalignment, length));
                Assert.True(expected[length] == actual, $"length {length} at {misalignment}, by instruction: {actual:X8}, not {expected[length]:X8}");
            }
        }
    }

    [Fact]
    public void Blocks_that_lanes_and_folds_share_agree_with_the_bitwise_reference()
    {
        byte[] bytes = new byte[(2 * Crc32C.BlockBytes) + 700];
        new Random(3).NextBytes(bytes);
        uint[] expected = ReferenceOfAllPrefixes(bytes);
        foreach (int length in (int[])[Crc32C.BlockBytes - 1, Crc32C.BlockBytes, Crc32C.BlockBytes + 1, (2 * Crc32C.BlockBytes) - 1, 2 * Crc32C.BlockBytes, bytes.Length])
        {
            uint actual = Crc32C.Compute(bytes.AsSpan(0, length));
            Assert.True(expected[length] == actual, $"length {length}: {actual:X8}, not {expected[length]:X8}");
        }

        // Where a processor takes none, but could.
        if (Pclmulqdq.V512.IsSupported)
        {
            uint register = Crc32C.Block(Crc32C.Block(uint.MaxValue, bytes), bytes.AsSpan(Crc32C.BlockBytes));
            Assert.Equal(expected[2 * Crc32C.BlockBytes], ~register);
        }
    }

    [Fact]
    public void A_checksum_can_be_computed_in_pieces()
    {
        byte[] bytes = new byte[20_000];
        new Random(2).NextBytes(bytes);
        uint whole = Crc32C.Compute(bytes);
        for (int cut = 0; cut < bytes.Length; cut += 61)
        {
            Assert.Equal(whole, Crc32C.Append(Crc32C.Append(0, bytes.AsSpan(0, cut)), bytes.AsSpan(cut)));
        }
    }

    /// <summary>One bit at a time, by the definition. Element n is the checksum of the first n bytes.</summary>
    private static uint[] ReferenceOfAllPrefixes(ReadOnlySpan<byte> bytes)
    {
        uint[] prefixes = new uint[bytes.Length + 1];
        uint register = uint.MaxValue;
        for (int i = 0; i < bytes.Length; i++)
        {
            register ^= bytes[i];
            for (int bit = 0; bit < 8; bit++)
            {
                register = (register & 1) != 0 ? (register >> 1) ^ PolynomialReflected : register >> 1;
            }

            prefixes[i + 1] = ~register;
        }

        return prefixes;
    }
}
