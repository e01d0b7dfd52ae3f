using System.IO.Compression;
using System.Runtime.CompilerServices;
using Engine.Wire;

namespace Harness.Load.Tests;

public class FillerTests
{
    public static TheoryData<int> Sizes => [20, 21, 23, 27, 28, 29, 30, 35, 36, 37, 38, 50, 67, 68, 69, 99, 100, 101, 1024, 10_240];

    [Fact]
    public void Golden_values_stay_what_they_are()
    {
        Assert.Equal(
            "0100000002000000000000000300000000000000" + "1612fb3ec2da5a8eb478",
            Convert.ToHexStringLower(Value(1, 2, 3, 30)));
        Assert.Equal(
            "1612fb3ec2da5a8eb478e57b16585423",
            Convert.ToHexStringLower(Value(1, 2, 3, 100).AsSpan(20, 16)));
        Assert.Equal(
            "4a9f7ff4cc006e7e3be01cae170827a41799f63fd410c0559a4f6f1aa05b1f52"
            + "1366cfec5dfb5a7c1c1b63844619bbc04c75be9cf7ab1ccf938476b261323b1c",
            Convert.ToHexStringLower(Value(1, 2, 3, 100).AsSpan(36)));
    }

    [Theory]
    [MemberData(nameof(Sizes))]
    public void Vectors_write_what_the_definition_says(int size)
    {
        foreach ((int producer, long sequence, long stamp) in new[] { (0, 0L, 0L), (3, 77L, 123_456_789L), (int.MaxValue, long.MaxValue, long.MaxValue) })
        {
            byte[] value = Value(producer, sequence, stamp, size);
            ulong firstWord = new ValueStream(42, producer, 5).FirstWord(sequence, ValueStream.StampTerm(stamp));
            Assert.Equal(ByDefinition(firstWord, size - 20), value.AsSpan(20).ToArray());
        }
    }

    [Theory]
    [MemberData(nameof(Sizes))]
    public void What_was_written_is_recognised_and_any_flipped_byte_is_not(int size)
    {
        byte[] value = Value(3, 77, 123_456_789, size);
        Assert.True(Matches(value, 3, 77));
        Assert.False(Matches(value, 3, 78));
        Assert.False(Matches(value, 2, 77));
        for (int i = 0; i < size; i++)
        {
            foreach (byte flip in new byte[] { 1, 0x80, 0xFF })
            {
                value[i] ^= flip;
                bool stampHasWitness = size >= 28 || i is < 12 or >= 20;
                Assert.False(stampHasWitness && Matches(value, 3, 77), $"byte {i} of {size} flipped by {flip:x}");
                value[i] ^= flip;
            }
        }
    }

    [Fact]
    public void Streams_of_other_producers_partitions_and_seeds_are_others()
    {
        HashSet<ulong> words = [];
        for (int i = 0; i < 50; i++)
        {
            words.Add(new ValueStream(42 + i, 0, 0).FirstWord(1, ValueStream.StampTerm(1)));
            words.Add(new ValueStream(42, 1 + i, 0).FirstWord(1, ValueStream.StampTerm(1)));
            words.Add(new ValueStream(42, 0, 1 + i).FirstWord(1, ValueStream.StampTerm(1)));
            words.Add(new ValueStream(42, 0, 0).FirstWord(2 + i, ValueStream.StampTerm(1)));
            words.Add(new ValueStream(42, 0, 0).FirstWord(1, ValueStream.StampTerm(2 + i)));
        }

        Assert.Equal(250, words.Count);
    }

    [Theory]
    [InlineData(30)]
    [InlineData(100)]
    [InlineData(10_240)]
    public void Fillers_do_not_compress(int size)
    {
        using MemoryStream raw = new();
        for (long sequence = 0; raw.Length < 1 << 20; sequence++)
        {
            raw.Write(Value(0, sequence, 1, size).AsSpan(20));
        }

        using MemoryStream packed = new();
        using (BrotliStream brotli = new(packed, CompressionLevel.Optimal, leaveOpen: true))
        {
            brotli.Write(raw.ToArray());
        }

        Assert.True(packed.Length > raw.Length * 0.999, $"{raw.Length} to {packed.Length}");
    }

    [Fact]
    public void Nothing_is_written_further_behind_a_value_than_its_batch_allows()
    {
        for (int size = 1; size < 200; size++)
        {
            byte[] buffer = new byte[size + RecordBatchBuilder.ScratchBytes + 64];
            new ValueRun(new ValueStream(42, 0, 0), 1, size).Value(1).Write(ref buffer[0]);
            Assert.Equal(-1, buffer.AsSpan(size + RecordBatchBuilder.ScratchBytes).IndexOfAnyExcept((byte)0));
        }
    }

    private static byte[] Value(int producer, long sequence, long stamp, int size)
    {
        byte[] buffer = new byte[size + RecordBatchBuilder.ScratchBytes];
        new ValueRun(new ValueStream(42, producer, 5), stamp, size).Value(sequence).Write(ref buffer[0]);
        return buffer[..size];
    }

    private static bool Matches(byte[] value, int producer, long sequence)
    {
        long stamp = BitConverter.ToInt64(value, 12);
        return BitConverter.ToInt32(value) == producer
            && BitConverter.ToInt64(value, 4) == sequence
            && Filler.Difference(ref Unsafe.Add(ref value[0], 20), value.Length - 20, new ValueStream(42, producer, 5).FirstWord(sequence, ValueStream.StampTerm(stamp))) == 0;
    }

    /// <summary>The filler once more, byte by byte and without vectors.</summary>
    private static byte[] ByDefinition(ulong firstWord, int length)
    {
        ulong product = unchecked(firstWord * 0xD6E8FEB86659FD93);
        ulong secondWord = product ^ (product >> 32);
        byte[] filler = new byte[length];
        for (int i = 0; i < length; i++)
        {
            filler[i] = i < 8 ? (byte)(firstWord >> (8 * i))
                : i < 16 ? (byte)(secondWord >> (8 * (i - 8)))
                : (byte)(Lane((uint)(i - 16) / 4) >> (8 * (i % 4)));
        }

        return filler;

        uint Lane(uint number)
        {
            uint x = unchecked((((number * 0x9E3779B1) + (uint)secondWord) ^ (uint)(secondWord >> 32)) * 0x85EBCA6B);
            return x ^ (x >> 15);
        }
    }
}
