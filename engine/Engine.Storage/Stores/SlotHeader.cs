using System.Buffers.Binary;
using Engine.Wire;

namespace Engine.Storage;

/// <summary>
/// What stands before the batch in its first slot. The key is a random number of the file's, which no client ever sees, so that nothing that a
/// client sends passes for a header, wherever it comes to lie.
/// </summary>
/// <param name="Serial">Goes up with every attempt to append, and tells the last of several with one position.</param>
internal readonly record struct SlotHeader(long Key, long Serial, int Position, int BatchBytes)
{
    /// <summary>Magic, key, serial, position, length, checksum.</summary>
    internal const int Bytes = 32;

    private const uint Magic = 0x48534C31;
    private const int KeyAt = 4;
    private const int SerialAt = 12;
    private const int PositionAt = 20;
    private const int BatchBytesAt = 24;
    private const int ChecksumAt = 28;

    internal void Encode(Span<byte> into)
    {
        BinaryPrimitives.WriteUInt32BigEndian(into, Magic);
        BinaryPrimitives.WriteInt64BigEndian(into[KeyAt..], Key);
        BinaryPrimitives.WriteInt64BigEndian(into[SerialAt..], Serial);
        BinaryPrimitives.WriteInt32BigEndian(into[PositionAt..], Position);
        BinaryPrimitives.WriteInt32BigEndian(into[BatchBytesAt..], BatchBytes);
        BinaryPrimitives.WriteUInt32BigEndian(into[ChecksumAt..], Crc32C.Compute(into[..ChecksumAt]));
    }

    internal static bool TryDecode(ReadOnlySpan<byte> from, out SlotHeader header)
    {
        header = default;
        if (BinaryPrimitives.ReadUInt32BigEndian(from) != Magic
            || BinaryPrimitives.ReadUInt32BigEndian(from[ChecksumAt..]) != Crc32C.Compute(from[..ChecksumAt]))
        {
            return false;
        }

        header = new SlotHeader(
            BinaryPrimitives.ReadInt64BigEndian(from[KeyAt..]),
            BinaryPrimitives.ReadInt64BigEndian(from[SerialAt..]),
            BinaryPrimitives.ReadInt32BigEndian(from[PositionAt..]),
            BinaryPrimitives.ReadInt32BigEndian(from[BatchBytesAt..]));
        return true;
    }
}
