using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text;

namespace Engine.Wire;

/// <summary>
/// A growing buffer into which the protocol's primitive types are written, big-endian. It is kept and reused by its owner (a connection),
/// so that nothing is allocated once it has grown to what its answers need. Not thread-safe.
/// </summary>
public sealed class WireBuffer : IMessageIo
{
    private byte[] _bytes;
    private int _length;

    public WireBuffer(int capacity = 256)
    {
        _bytes = new byte[capacity];
    }

    public bool Flexible { get; set; }

    public int Length => _length;

    public ReadOnlySpan<byte> Written => _bytes.AsSpan(0, _length);

    public void Clear() => _length = 0;

    public void WriteInt8(sbyte value) => Reserve(1)[0] = (byte)value;

    public void WriteInt16(short value) => BinaryPrimitives.WriteInt16BigEndian(Reserve(2), value);

    public void WriteInt32(int value) => BinaryPrimitives.WriteInt32BigEndian(Reserve(4), value);

    public void WriteInt64(long value) => BinaryPrimitives.WriteInt64BigEndian(Reserve(8), value);

    public void WriteRaw(ReadOnlySpan<byte> bytes) => bytes.CopyTo(Reserve(bytes.Length));

    /// <summary>A string that is already encoded.</summary>
    public void WriteStringBytes(ReadOnlySpan<byte> utf8)
    {
        WriteStringLength(utf8.Length);
        WriteRaw(utf8);
    }

    public void WriteString(string value)
    {
        int length = Encoding.UTF8.GetByteCount(value);
        WriteStringLength(length);
        Encoding.UTF8.GetBytes(value, Reserve(length));
    }

    public void WriteNullableString(string? value)
    {
        if (value is not null)
        {
            WriteString(value);
        }
        else if (Flexible)
        {
            WriteUnsignedVarint(0);
        }
        else
        {
            WriteInt16(-1);
        }
    }

    /// <summary>A byte field.</summary>
    public void WriteBytes(ReadOnlySpan<byte> bytes)
    {
        WriteArrayLength(bytes.Length);
        WriteRaw(bytes);
    }

    /// <summary>The number of elements of an array that follow; −1 for null.</summary>
    public void WriteArrayLength(int count)
    {
        if (Flexible)
        {
            WriteUnsignedVarint((ulong)(count + 1));
        }
        else
        {
            WriteInt32(count);
        }
    }

    /// <summary>The length of a byte field whose bytes follow, here or from elsewhere.</summary>
    public void WriteBytesLength(int length)
    {
        if (Flexible)
        {
            WriteUnsignedVarint((ulong)(length + 1));
        }
        else
        {
            WriteInt32(length);
        }
    }

    public void WriteUuid(Guid value) => value.TryWriteBytes(Reserve(16), bigEndian: true, out _);

    public void WriteTags()
    {
        if (Flexible)
        {
            WriteInt8(0);
        }
    }

    /// <summary>Writes over what was written before, at <paramref name="position"/>.</summary>
    public void PatchInt32(int position, int value) => BinaryPrimitives.WriteInt32BigEndian(_bytes.AsSpan(position, 4), value);

    /// <summary>Takes back everything from <paramref name="length"/> on.</summary>
    public void Truncate(int length)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan((uint)length, (uint)_length, nameof(length));
        _length = length;
    }

    void IMessageIo.Bool(ref bool value) => WriteInt8(value ? (sbyte)1 : (sbyte)0);

    void IMessageIo.Int8(ref sbyte value) => WriteInt8(value);

    void IMessageIo.Int16(ref short value) => WriteInt16(value);

    void IMessageIo.Int32(ref int value) => WriteInt32(value);

    void IMessageIo.Int64(ref long value) => WriteInt64(value);

    void IMessageIo.Error(ref ErrorCode value) => WriteInt16((short)value);

    void IMessageIo.String(ref string value) => WriteString(value);

    void IMessageIo.NullableString(ref string? value) => WriteNullableString(value);

    void IMessageIo.Uuid(ref Guid value) => WriteUuid(value);

    void IMessageIo.Bytes(ref byte[] value) => WriteBytes(value);

    void IMessageIo.Int32Array(ref List<int> values)
    {
        WriteArrayLength(values.Count);
        foreach (int value in values)
        {
            WriteInt32(value);
        }
    }

    void IMessageIo.StringArray(ref List<string> values)
    {
        WriteArrayLength(values.Count);
        foreach (string value in values)
        {
            WriteString(value);
        }
    }

    void IMessageIo.NullableStringArray(ref List<string>? values)
    {
        if (values is null)
        {
            WriteArrayLength(-1);
            return;
        }

        ((IMessageIo)this).StringArray(ref values);
    }

    void IMessageIo.Array<T>(ref List<T> items, short version)
    {
        WriteArrayLength(items.Count);
        WireBuffer self = this;
        foreach (T item in items)
        {
            T.Describe(ref self, item, version);
        }
    }

    void IMessageIo.NullableArray<T>(ref List<T>? items, short version)
    {
        if (items is null)
        {
            WriteArrayLength(-1);
            return;
        }

        ((IMessageIo)this).Array(ref items, version);
    }

    void IMessageIo.Tags() => WriteTags();

    /// <summary>Makes room for <paramref name="count"/> more bytes and counts them as written.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private Span<byte> Reserve(int count)
    {
        int start = _length;
        if (count > _bytes.Length - start)
        {
            Grow(count);
        }

        _length = start + count;
        return MemoryMarshal.CreateSpan(ref Unsafe.Add(ref MemoryMarshal.GetArrayDataReference(_bytes), start), count);
    }

    private void Grow(int count) => Array.Resize(ref _bytes, checked((int)Math.Max(2L * _bytes.Length, (long)_length + count)));

    private void WriteStringLength(int length)
    {
        if (Flexible)
        {
            WriteUnsignedVarint((ulong)(length + 1));
        }
        else
        {
            WriteInt16(checked((short)length));
        }
    }

    private void WriteUnsignedVarint(ulong value)
    {
        Span<byte> room = Reserve(Varint.MaxBytes64);
        _length += Varint.Write(ref room[0], value) - Varint.MaxBytes64;
    }
}
