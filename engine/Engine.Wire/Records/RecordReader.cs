using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Engine.Wire;

/// <summary>One record of a batch, in place.</summary>
public readonly ref struct Record
{
    public int OffsetDelta { get; init; }
    public long TimestampDelta { get; init; }

    /// <summary>The key; meaningless when <see cref="HasKey"/> is false.</summary>
    public ReadOnlySpan<byte> Key { get; init; }
    public bool HasKey { get; init; }

    /// <summary>The value; empty when <see cref="HasValue"/> is false (a tombstone).</summary>
    public ReadOnlySpan<byte> Value { get; init; }
    public bool HasValue { get; init; }

    /// <summary>The encoded headers behind their count.</summary>
    public ReadOnlySpan<byte> Headers { get; init; }
    public int HeaderCount { get; init; }
}

/// <summary>
/// Walks the records of an uncompressed batch in place. <see cref="MoveNext"/> answers false at the end and at the first
/// record that cannot be read; <see cref="Malformed"/> tells which. Bytes left over behind the last record are malformed too.
/// </summary>
public ref struct RecordReader
{
    private readonly ReadOnlySpan<byte> _records;
    private readonly int _count;
    private int _position;
    private int _read;

    /// <param name="batch">The whole batch, header checked.</param>
    public RecordReader(ReadOnlySpan<byte> batch)
        : this(batch[RecordBatch.HeaderBytes..], RecordBatch.RecordCount(batch))
    {
    }

    public RecordReader(ReadOnlySpan<byte> records, int count)
    {
        _records = records;
        _count = count;
    }

    public bool Malformed { get; private set; }

    /// <summary>Where the next record begins, counted from the first.</summary>
    public readonly int Position => _position;

    /// <summary>Records read so far.</summary>
    public readonly int Read => _read;

    /// <summary>
    /// Reads the next record. The common frame (no key, no headers, every length within two bytes) takes the inlined way; the other
    /// is out of line.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool MoveNext(out Record record)
    {
        if (_read == _count)
        {
            Malformed |= _position != _records.Length;
            record = default;
            return false;
        }

        if (TryReadRecord(out record))
        {
            _read++;
            return true;
        }

        Malformed = true;
        return false;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private bool TryReadRecord(out Record record)
    {
        int position = _position;
        if (!TryLength(_records, ref position, out int length) || length < 0 || length > _records.Length - position)
        {
            record = default;
            return false;
        }

        ReadOnlySpan<byte> body = MemoryMarshal.CreateReadOnlySpan(
            ref Unsafe.Add(ref MemoryMarshal.GetReference(_records), position), length);
        _position = position + length;
        return TryReadBody(body, out record);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static bool TryReadBody(ReadOnlySpan<byte> body, out Record record)
    {
        record = default;
        int at = 1; // attributes: none are in use
        if (!Varint.TryRead(body, ref at, out ulong timestampDelta)
            || !TryLength(body, ref at, out int offsetDelta)
            || !TryLength(body, ref at, out int keyLength))
        {
            return false;
        }

        ReadOnlySpan<byte> key = default;
        if (keyLength >= 0)
        {
            if (keyLength > body.Length - at)
            {
                return false;
            }

            key = body.Slice(at, keyLength);
            at += keyLength;
        }

        if (!TryLength(body, ref at, out int valueLength) || valueLength > body.Length - at)
        {
            return false;
        }

        ReadOnlySpan<byte> value = default;
        if (valueLength >= 0)
        {
            value = body.Slice(at, valueLength);
            at += valueLength;
        }

        if (!TryLength(body, ref at, out int headers) || headers < 0)
        {
            return false;
        }

        // Without headers the record ends here; with them their own lengths must use up the rest.
        if (headers == 0 ? at != body.Length : !HeadersFill(body[at..], headers))
        {
            return false;
        }

        record = new Record
        {
            OffsetDelta = offsetDelta,
            TimestampDelta = Varint.UnZigZag(timestampDelta),
            Key = key,
            HasKey = keyLength >= 0,
            Value = value,
            HasValue = valueLength >= 0,
            Headers = body[at..],
            HeaderCount = headers,
        };
        return true;
    }

    private static bool HeadersFill(ReadOnlySpan<byte> headers, int count)
    {
        int at = 0;
        for (int i = 0; i < count; i++)
        {
            if (!TryLength(headers, ref at, out int key) || key < 0 || key > headers.Length - at)
            {
                return false;
            }

            at += key;
            if (!TryLength(headers, ref at, out int value) || value > headers.Length - at)
            {
                return false;
            }

            at += Math.Max(value, 0);
        }

        return at == headers.Length;
    }

    /// <summary>A zigzag varint of at most 32 bits.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static bool TryLength(ReadOnlySpan<byte> bytes, ref int position, out int value)
    {
        bool read = Varint.TryRead(bytes, ref position, out ulong raw);
        value = Varint.UnZigZag((uint)raw);
        return read && raw <= uint.MaxValue;
    }
}
