using System.Buffers.Binary;

namespace Engine.Server.Tests;

public sealed class ReceiveBufferTests
{
    private const int LengthBytes = sizeof(int);
    private const int Smallest = BufferPool.SmallestBytes;

    [Fact]
    public void A_third_long_request_like_the_two_before_it_is_received_at_once_and_to_its_end()
    {
        ReceiveBuffer buffer = New();
        Take(buffer, Smallest + 50);
        Assert.Equal(Smallest, buffer.Room().Length);
        Take(buffer, Smallest + 50);
        Assert.Equal(Smallest + 50, buffer.Room().Length);
    }

    [Fact]
    public void Behind_a_long_and_a_short_request_no_more_is_received_at_once_than_a_short_one_takes()
    {
        ReceiveBuffer buffer = New();
        for (int i = 0; i < 3; i++)
        {
            Take(buffer, 500_000);
            Assert.Equal(Smallest, buffer.Room().Length);
            Take(buffer, 100);
            Assert.Equal(Smallest, buffer.Room().Length);
        }
    }

    /// <summary>Lengths that are taken for those of the next request are wrong here more often than right.</summary>
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Requests_of_any_lengths_received_in_any_pieces_come_out_as_they_went_in(int seed)
    {
        Random random = new(seed);
        byte[][] requests = [.. Enumerable.Range(0, 200).Select(_ => Request(random, random.Next(3) == 0 ? random.Next(300) : 70_000 + random.Next(random.Next(2) == 0 ? 100 : 200_000)))];
        byte[] stream = [.. requests.SelectMany(request => request)];
        ReceiveBuffer buffer = New();
        int received = 0;
        foreach (byte[] request in requests)
        {
            while (!buffer.HasLength || buffer.Pending < LengthBytes + buffer.FrameLength)
            {
                received += Receive(buffer, stream.AsSpan(received), room => random.Next(4) == 0 ? 1 + random.Next(room) : room);
            }

            Assert.True(buffer.Frame.AsSpan().SequenceEqual(request.AsSpan(LengthBytes)));
            Assert.Equal(request.Length, buffer.Consume());
            if (random.Next(5) == 0)
            {
                buffer.Rest();
            }
        }

        Assert.Equal(stream.Length, received);
        Assert.Equal(0, buffer.Pending);
    }

    private static ReceiveBuffer New() => new(new BufferPool(long.MaxValue));

    private static byte[] Request(Random random, int bytes)
    {
        byte[] request = new byte[LengthBytes + bytes];
        random.NextBytes(request);
        BinaryPrimitives.WriteInt32BigEndian(request, bytes);
        return request;
    }

    /// <summary>Receives one request of so many bytes and lets go of it.</summary>
    private static void Take(ReceiveBuffer buffer, int bytes)
    {
        byte[] request = Request(new Random(1), bytes - LengthBytes);
        for (int received = 0; received < bytes;)
        {
            received += Receive(buffer, request.AsSpan(received), static room => room);
        }

        Assert.Equal(bytes, buffer.Consume());
    }

    /// <summary>Receives once, of what is left of a stream.</summary>
    /// <param name="coming">How much of so much room is filled, as far as the stream goes.</param>
    /// <returns>Bytes received.</returns>
    private static int Receive(ReceiveBuffer buffer, ReadOnlySpan<byte> left, Func<int, int> coming)
    {
        Span<byte> room = buffer.Room();
        Assert.False(room.IsEmpty);
        int count = Math.Min(left.Length, coming(room.Length));
        left[..count].CopyTo(room);
        buffer.Received(count);
        return count;
    }
}
