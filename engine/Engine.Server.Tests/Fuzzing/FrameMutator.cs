using System.Buffers.Binary;

namespace Engine.Server.Tests.Fuzzing;

/// <summary>Makes frames that no client sends out of frames that clients do send. The same seed makes the same frames.</summary>
internal sealed class FrameMutator(Random random, IReadOnlyList<byte[]> seeds)
{
    private const int LengthBytes = 4;
    private const int HeaderBytes = 8;

    private static readonly byte[][] HugeCounts =
    [
        [0x7f, 0xff, 0xff, 0xff], [0x80, 0, 0, 0], [0xff, 0xff, 0xff, 0xfe], [0x00, 0x10, 0x00, 0x00], [0x7f, 0xff], [0x80, 0x00],
        [0xff, 0xff, 0xff, 0xff, 0x07], [0xff, 0xff, 0xff, 0xff, 0x0f], [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01], [0],
    ];

    public byte[] Next()
    {
        byte[] frame = [.. Seed()];
        for (int changes = random.Next(4); changes > 0; changes--)
        {
            frame = Change(frame);
        }

        return random.Next(10) == 0 ? LieAboutLength(frame) : frame;
    }

    private byte[] Seed() => seeds[random.Next(seeds.Count)];

    private byte[] Change(byte[] frame)
    {
        int at = random.Next(LengthBytes, Math.Max(LengthBytes + 1, frame.Length));
        switch (random.Next(8))
        {
            case 0:
                for (int flips = random.Next(1, 9); flips > 0 && frame.Length > LengthBytes; flips--)
                {
                    frame[random.Next(LengthBytes, frame.Length)] ^= (byte)(1 << random.Next(8));
                }

                return frame;
            case 1:
                return Mended(frame[..Math.Min(at, frame.Length)]);
            case 2:
                byte[] count = HugeCounts[random.Next(HugeCounts.Length)];
                count.AsSpan(0, Math.Min(count.Length, frame.Length - Math.Min(at, frame.Length))).CopyTo(frame.AsSpan(Math.Min(at, frame.Length)));
                return frame;
            case 3:
                byte[] more = new byte[random.Next(1, 40)];
                random.NextBytes(more);
                return Mended([.. frame.AsSpan(0, Math.Min(at, frame.Length)), .. more, .. frame.AsSpan(Math.Min(at, frame.Length))]);
            case 4:
                int end = random.Next(Math.Min(at, frame.Length), frame.Length + 1);
                return Mended([.. frame.AsSpan(0, end), .. frame.AsSpan(Math.Min(at, frame.Length))]);
            case 5:
                byte[] other = Seed();
                return Mended([.. frame.AsSpan(0, Math.Min(at, frame.Length)), .. other.AsSpan(Math.Min(at, other.Length))]);
            case 6 when frame.Length >= HeaderBytes:
                // The body of one API under the key or the version of another.
                BinaryPrimitives.WriteInt16BigEndian(frame.AsSpan(random.Next(2) == 0 ? 4 : 6), (short)random.Next(-1, 70));
                return frame;
            default:
                return frame;
        }
    }

    private byte[] LieAboutLength(byte[] frame)
    {
        int length = random.Next(5) switch
        {
            0 => int.MaxValue,
            1 => -1,
            2 => 100 * 1024 * 1024,
            3 => frame.Length - LengthBytes + random.Next(-40, 40),
            _ => random.Next(),
        };
        BinaryPrimitives.WriteInt32BigEndian(frame, length);
        return frame;
    }

    private static byte[] Mended(byte[] frame)
    {
        byte[] whole = frame.Length >= LengthBytes ? frame : new byte[LengthBytes];
        BinaryPrimitives.WriteInt32BigEndian(whole, whole.Length - LengthBytes);
        return whole;
    }
}
