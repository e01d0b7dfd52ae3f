using Engine.Wire;

namespace Harness.Load.Tests;

/// <summary>What a fetch finds in one partition.</summary>
public readonly record struct FetchedRecords(ErrorCode Error, long HighWatermark, long LogStart, byte[] Records);

/// <summary>The batches of one partition. Used under the broker's lock.</summary>
public sealed class PartitionLog
{
    private readonly List<byte[]> _batches = [];

    public IReadOnlyList<byte[]> Batches => _batches;

    public long StartOffset { get; private set; }

    public long EndOffset { get; private set; }

    /// <summary>Appends a batch at the log's end, whatever base offset it carries.</summary>
    public void Append(byte[] batch)
    {
        RecordBatch.Assign(batch, EndOffset, 0);
        Store(batch);
    }

    /// <summary>Appends a batch as it is.</summary>
    public void Store(byte[] batch)
    {
        _batches.Add(batch);
        EndOffset = Math.Max(EndOffset, RecordBatch.LastOffset(batch) + 1);
    }

    /// <summary>Moves the end without a batch: offsets that nothing stands at.</summary>
    public void Skip(long offsets) => EndOffset += offsets;

    public void RemoveBelow(long offset)
    {
        _batches.RemoveAll(batch => RecordBatch.LastOffset(batch) < offset);
        StartOffset = offset;
    }

    /// <param name="firstWhole">True when the first batch is given whatever the limit.</param>
    public FetchedRecords Read(long offset, int maxBytes, bool firstWhole)
    {
        if (offset < StartOffset || offset > EndOffset)
        {
            return new FetchedRecords(ErrorCode.OffsetOutOfRange, -1, -1, []);
        }

        using MemoryStream records = new();
        foreach (byte[] batch in _batches.SkipWhile(batch => RecordBatch.LastOffset(batch) < offset))
        {
            int room = maxBytes - (int)records.Length;
            bool whole = batch.Length <= room || (firstWhole && records.Length == 0);
            records.Write(whole ? batch : batch.AsSpan(0, Math.Max(0, room)));
            if (!whole)
            {
                break;
            }
        }

        return new FetchedRecords(ErrorCode.None, EndOffset, StartOffset, records.ToArray());
    }
}
