using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using System.Text;

namespace Engine.Wire;

/// <summary>
/// Reads the protocol's primitive types, big-endian, from a frame in place. Whatever does not fit throws
/// <see cref="WireFormatException"/>: no length is believed before the bytes are there, so what is allocated is bounded by what
/// was received.
/// </summary>
public ref struct WireReader : IMessageIo
{
    private readonly ReadOnlySpan<byte> _bytes;
    private int _position;

    public WireReader(ReadOnlySpan<byte> bytes, bool flexible = false)
    {
        _bytes = bytes;
        Flexible = flexible;
    }

    public bool Flexible { get; set; }

    public readonly int Position => _position;

    public readonly int Remaining => _bytes.Length - _position;

    public sbyte ReadInt8() => (sbyte)Take(1)[0];

    public short ReadInt16() => BinaryPrimitives.ReadInt16BigEndian(Take(2));

    public int ReadInt32() => BinaryPrimitives.ReadInt32BigEndian(Take(4));

    public long ReadInt64() => BinaryPrimitives.ReadInt64BigEndian(Take(8));

    /// <summary>The bytes of a string, not decoded; null and empty are told apart by <paramref name="isNull"/>.</summary>
    public ReadOnlySpan<byte> ReadStringBytes(out bool isNull)
    {
        int length = Flexible ? ReadCompactLength() : ReadInt16();
        isNull = length < 0;
        return isNull ? CheckNull(length) : Take(length);
    }

    /// <summary>The bytes of a byte field (records among them); null and empty are told apart by <paramref name="isNull"/>.</summary>
    public ReadOnlySpan<byte> ReadBytes(out bool isNull)
    {
        int length = Flexible ? ReadCompactLength() : ReadInt32();
        isNull = length < 0;
        return isNull ? CheckNull(length) : Take(length);
    }

    /// <summary>The number of elements of an array, −1 for null; never more than could lie in what remains.</summary>
    public int ReadArrayLength(int elementBytesMin)
    {
        int count = Flexible ? ReadCompactLength() : ReadInt32();
        if (count < -1 || (long)count * elementBytesMin > Remaining)
        {
            Throw($"array of {count} elements in {Remaining} bytes");
        }

        return count;
    }

    public void SkipTags()
    {
        if (!Flexible)
        {
            return;
        }

        for (ulong tags = ReadUnsignedVarint(); tags > 0; tags--)
        {
            ReadUnsignedVarint();
            ulong size = ReadUnsignedVarint();
            Take(size > int.MaxValue ? int.MaxValue : (int)size);
        }
    }

    /// <summary>Takes the next bytes in place.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public ReadOnlySpan<byte> Take(int count)
    {
        if ((uint)count > (uint)Remaining)
        {
            Throw($"{count} bytes wanted, {Remaining} there");
        }

        ReadOnlySpan<byte> taken = _bytes.Slice(_position, count);
        _position += count;
        return taken;
    }

    void IMessageIo.Bool(ref bool value) => value = ReadInt8() != 0;

    void IMessageIo.Int8(ref sbyte value) => value = ReadInt8();

    void IMessageIo.Int16(ref short value) => value = ReadInt16();

    void IMessageIo.Int32(ref int value) => value = ReadInt32();

    void IMessageIo.Int64(ref long value) => value = ReadInt64();

    void IMessageIo.Error(ref ErrorCode value) => value = (ErrorCode)ReadInt16();

    void IMessageIo.String(ref string value) => value = ReadString();

    void IMessageIo.NullableString(ref string? value) => value = ReadNullableString();

    void IMessageIo.Uuid(ref Guid value) => value = new Guid(Take(16), bigEndian: true);

    void IMessageIo.Bytes(ref byte[] value)
    {
        ReadOnlySpan<byte> bytes = ReadBytes(out bool isNull);
        value = isNull ? throw new WireFormatException("null where bytes are required") : bytes.ToArray();
    }

    void IMessageIo.Int32Array(ref List<int> values)
    {
        values = [];
        for (int n = NotNull(ReadArrayLength(sizeof(int))); n > 0; n--)
        {
            values.Add(ReadInt32());
        }
    }

    void IMessageIo.StringArray(ref List<string> values)
    {
        values = [];
        for (int n = NotNull(ReadArrayLength(1)); n > 0; n--)
        {
            values.Add(ReadString());
        }
    }

    void IMessageIo.NullableStringArray(ref List<string>? values)
    {
        int count = ReadArrayLength(1);
        values = count < 0 ? null : [];
        for (; count > 0; count--)
        {
            values!.Add(ReadString());
        }
    }

    void IMessageIo.Array<T>(ref List<T> items, short version)
    {
        items = ReadItems<T>(NotNull(ReadArrayLength(1)), version);
    }

    void IMessageIo.NullableArray<T>(ref List<T>? items, short version)
    {
        int count = ReadArrayLength(1);
        items = count < 0 ? null : ReadItems<T>(count, version);
    }

    void IMessageIo.Tags() => SkipTags();

    [DoesNotReturn]
    private static void Throw(string message) => throw new WireFormatException(message);

    private static ReadOnlySpan<byte> CheckNull(int length)
    {
        if (length != -1)
        {
            Throw($"length {length}");
        }

        return default;
    }

    private static int NotNull(int count)
    {
        if (count < 0)
        {
            Throw("null where an array is required");
        }

        return count;
    }

    private List<T> ReadItems<T>(int count, short version)
        where T : class, IWireMessage<T>, new()
    {
        // Not sized by the count: a structure in memory is larger than its least form on the wire.
        List<T> items = [];
        for (; count > 0; count--)
        {
            T item = new();
            T.Describe(ref this, item, version);
            items.Add(item);
        }

        return items;
    }

    private string ReadString() => ReadNullableString() ?? throw new WireFormatException("null where a string is required");

    private string? ReadNullableString()
    {
        ReadOnlySpan<byte> bytes = ReadStringBytes(out bool isNull);
        if (isNull)
        {
            return null;
        }

        // A compact length could say more; and bytes that are not UTF-8 become characters of three, which have to go out again.
        string text = Encoding.UTF8.GetString(bytes);
        if (bytes.Length > short.MaxValue / 3 && Encoding.UTF8.GetByteCount(text) > short.MaxValue)
        {
            Throw($"string of {bytes.Length} bytes");
        }

        return text;
    }

    /// <summary>A compact length is stored plus one, so that 0 is null.</summary>
    private int ReadCompactLength()
    {
        ulong stored = ReadUnsignedVarint();
        if (stored > int.MaxValue)
        {
            Throw($"length {stored}");
        }

        return (int)stored - 1;
    }

    private ulong ReadUnsignedVarint()
    {
        if (!Varint.TryRead(_bytes, ref _position, out ulong value))
        {
            Throw("varint cut off or too long");
        }

        return value;
    }
}
