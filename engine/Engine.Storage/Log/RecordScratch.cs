using Engine.Wire;

namespace Engine.Storage;

/// <summary>
/// Where a thread makes batches of single records, and what it notes of those it has written until they are published. One a thread, not one a log:
/// there are many more logs, and only one append of a thread is under way. It grows to the largest batch; what an unusual one took is not kept.
/// </summary>
internal sealed class RecordScratch
{
    private const int KeptBytesMax = 1 << 20;
    private const int KeptRecordsMax = 1 << 16;
    private const int InitialBytes = 4096;
    private const int InitialRecords = 256;

    [ThreadStatic]
    private static RecordScratch? s_ofThread;

    private byte[] _buffer = new byte[InitialBytes];
    private WrittenRecord[] _written = new WrittenRecord[InitialRecords];

    internal static RecordScratch OfThread => s_ofThread ??= new RecordScratch();

    internal int Count { get; private set; }

    /// <summary>Bytes of those noted.</summary>
    internal int Bytes { get; private set; }

    internal ReadOnlySpan<WrittenRecord> Written => _written.AsSpan(0, Count);

    /// <summary>Room for a batch of so many bytes, and for what its encoder writes over the end.</summary>
    internal Span<byte> Room(int bytes)
    {
        int needed = bytes + OneRecordBatch.ScratchBytes;
        if (needed > _buffer.Length)
        {
            _buffer = GC.AllocateUninitializedArray<byte>((int)Math.Min(Array.MaxLength, Math.Max(needed, 2L * _buffer.Length)));
        }

        return _buffer;
    }

    internal void Note(int bytes, long timestampMs)
    {
        if (Count == _written.Length)
        {
            Array.Resize(ref _written, 2 * Count);
        }

        _written[Count++] = new WrittenRecord(bytes, timestampMs);
        Bytes += bytes;
    }

    /// <summary>Forgets what was noted: it is published, or will be cut off.</summary>
    internal void Clear() => Count = Bytes = 0;

    /// <summary>Lets go of more memory than ordinary batches need.</summary>
    internal void Shrink()
    {
        if (_buffer.Length > KeptBytesMax)
        {
            _buffer = new byte[InitialBytes];
        }

        if (_written.Length > KeptRecordsMax)
        {
            _written = new WrittenRecord[InitialRecords];
        }
    }
}
