using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using Engine.Linux;
using Engine.Wire;

namespace Engine.Storage;

/// <summary>What a check of a segment's file found.</summary>
/// <param name="ValidBytes">Bytes of whole, valid batches whose offsets continue.</param>
/// <param name="NextOffset">The offset behind the last of them.</param>
/// <param name="Fault">Why the rest is not the log's, or null when there is no rest.</param>
/// <param name="IsNobodys">
/// The rest never was the log's, as a store leaves it that was not ended: zeros up to the end of a block or of pages made beforehand, or what a file
/// held before it was written again.
/// </param>
internal readonly record struct ScanResult(int ValidBytes, long NextOffset, long Batches, string? Fault, bool IsNobodys = false);

/// <summary>
/// Walks the batches of a segment's file: every byte of them after an unclean stop, or only their headers where the file is trusted
/// and an index is wanted. The check reads large chunks, so its speed is that of the disk or of the checksum.
/// One instance serves a whole start; it belongs to the thread that opens the logs.
/// </summary>
internal sealed class SegmentScanner
{
    private const int ChunkBytes = 1 << 20;

    private byte[] _buffer = [];
    private int _bufferStart;
    private int _bufferedBytes;

    /// <summary>Checks every batch from the file's start and indexes it.</summary>
    /// <param name="baseOffset">The offset with which the first batch must begin.</param>
    /// <param name="producers">Get every batch with a producer id.</param>
    internal ScanResult Check(SegmentStore file, int fileBytes, long baseOffset, SegmentIndexes indexes, ProducerStates producers)
    {
        _bufferedBytes = 0;
        long next = baseOffset;
        long batches = 0;
        int position = 0;
        while (position < fileBytes)
        {
            if (FaultAt(file, position, fileBytes - position, next, baseOffset, out ReadOnlySpan<byte> batch) is { } fault)
            {
                return new ScanResult(position, next, batches, fault, IsNobodys(file, position, fileBytes, next));
            }

            next = RecordBatch.LastOffset(batch) + 1;
            indexes.OnAppend((int)(next - 1 - baseOffset), position, batch.Length, RecordBatch.MaxTimestamp(batch));
            position += batch.Length;
            batches++;
            if (RecordBatch.ProducerId(batch) > RecordBatch.NoProducerId)
            {
                producers.Remember(batch);
            }
        }

        return new ScanResult(position, next, batches, null);
    }

    /// <summary>How many batches seem to lie behind a position; of what is going to be cut, for the record.</summary>
    internal int CountBatches(SegmentStore file, int position, int fileBytes)
    {
        _bufferedBytes = 0;
        int batches = 0;
        while (fileBytes - position >= RecordBatch.HeaderBytes)
        {
            ReadOnlySpan<byte> header = Load(file, position, RecordBatch.HeaderBytes);
            long size = RecordBatch.SizeBytes(header);
            if (size < RecordBatch.HeaderBytes || header[RecordBatch.MagicAt] != RecordBatch.Magic)
            {
                break;
            }

            batches++;
            position = (int)Math.Min(fileBytes, position + size);
        }

        return batches;
    }

    /// <summary>Makes indexes from the headers of a segment that is otherwise trusted; false when they do not fill it.</summary>
    internal static bool TryIndexHeaders(
        LogSegment segment, LogConfig config, [NotNullWhen(true)] out SegmentIndexes? indexes, out long nextOffset)
    {
        SegmentIndexes built = new(config);
        indexes = null;
        return TryWalk(segment, 0, segment.BaseOffset, built, out nextOffset, out _) && (indexes = built) is not null;
    }

    /// <summary>
    /// Walks headers from a position to the segment's end, adding to indexes if there are any. False when there is a gap in bytes or
    /// offsets.
    /// </summary>
    internal static bool TryWalk(
        LogSegment segment, int position, long offset, SegmentIndexes? indexes, out long nextOffset, out long maxTimestampMs)
    {
        Span<byte> header = stackalloc byte[RecordBatch.HeaderBytes];
        nextOffset = offset;
        maxTimestampMs = RecordBatch.NoTimestamp;
        int size = segment.SizeBytes;
        while (position < size)
        {
            if (size - position < RecordBatch.HeaderBytes
                || segment.Store.Read(header, position) < RecordBatch.HeaderBytes
                || RecordBatch.SizeBytes(header) is var batchBytes
                    && (batchBytes < RecordBatch.HeaderBytes || batchBytes > size - position)
                || header[RecordBatch.MagicAt] != RecordBatch.Magic
                || RecordBatch.BaseOffset(header) != nextOffset
                || RecordBatch.LastOffsetDelta(header) < 0
                || RecordBatch.LastOffset(header) - segment.BaseOffset > int.MaxValue)
            {
                if (!IsNobodys(segment.Store, position, size, nextOffset))
                {
                    return false;
                }

                segment.CutTo(position);
                return true;
            }

            nextOffset = RecordBatch.LastOffset(header) + 1;
            maxTimestampMs = Math.Max(maxTimestampMs, RecordBatch.MaxTimestamp(header));
            indexes?.OnAppend(
                (int)(nextOffset - 1 - segment.BaseOffset), position, (int)RecordBatch.SizeBytes(header), RecordBatch.MaxTimestamp(header));
            position += (int)RecordBatch.SizeBytes(header);
        }

        return true;
    }

    /// <summary>A batch of which only a part was written is the log's: it begins with the offset that was next.</summary>
    private static bool IsNobodys(SegmentStore file, int position, int fileBytes, long nextOffset)
    {
        Span<byte> next = stackalloc byte[sizeof(long)];
        BinaryPrimitives.WriteInt64BigEndian(next, nextOffset);
        Span<byte> found = stackalloc byte[sizeof(long)];
        int bytes = file.Read(found, position);
        return IsPadding(file, position, fileBytes)
            || (!found[..bytes].SequenceEqual(next[..bytes]) && Leftover.IsAt(file, position, fileBytes));
    }

    /// <summary>
    /// Zeros up to the file's end, which is that of a block (<see cref="DirectStore"/>) or of pages made beforehand (<see cref="SequentialStore"/>).
    /// </summary>
    private static bool IsPadding(SegmentStore file, int position, int fileBytes)
    {
        bool inBlock = fileBytes - position < AlignedBuffer.BlockBytes && fileBytes % AlignedBuffer.BlockBytes == 0;
        if (!inBlock && fileBytes % SequentialStore.LeastPieceBytes != 0)
        {
            return false;
        }

        Span<byte> piece = stackalloc byte[AlignedBuffer.BlockBytes];
        while (position < fileBytes)
        {
            int bytes = file.Read(piece[..Math.Min(piece.Length, fileBytes - position)], position);
            if (bytes == 0 || piece[..bytes].ContainsAnyExcept((byte)0))
            {
                return false;
            }

            position += bytes;
        }

        return true;
    }

    private string? FaultAt(
        SegmentStore file, int position, int left, long expectedOffset, long segmentBase, out ReadOnlySpan<byte> batch)
    {
        batch = default;
        if (left < RecordBatch.HeaderBytes)
        {
            return $"{left} bytes are less than a batch header";
        }

        long size = RecordBatch.SizeBytes(Load(file, position, RecordBatch.HeaderBytes));
        if (size < RecordBatch.HeaderBytes)
        {
            return $"a batch of {size} bytes is less than a batch header";
        }

        if (size > left)
        {
            return $"a batch of {size} bytes has only {left} here";
        }

        batch = Load(file, position, (int)size);
        BatchFault fault = RecordBatch.Check(batch);
        if (fault != BatchFault.None)
        {
            return fault switch
            {
                BatchFault.Magic => $"magic {batch[RecordBatch.MagicAt]}",
                BatchFault.Count => $"{RecordBatch.RecordCount(batch)} records with last offset delta {RecordBatch.LastOffsetDelta(batch)}",
                BatchFault.Crc => "a checksum that does not match",
                _ => "a size that does not match",
            };
        }

        if (RecordBatch.BaseOffset(batch) != expectedOffset)
        {
            return $"base offset {RecordBatch.BaseOffset(batch)} where {expectedOffset} is next";
        }

        return RecordBatch.LastOffset(batch) - segmentBase > int.MaxValue ? "offsets beyond the range of a segment" : null;
    }

    /// <summary>Makes bytes of the file that are known to exist available in the buffer, which grows to the largest batch.</summary>
    private ReadOnlySpan<byte> Load(SegmentStore file, int position, int bytes)
    {
        if (position < _bufferStart || position + (long)bytes > _bufferStart + (long)_bufferedBytes)
        {
            if (bytes > _buffer.Length)
            {
                _buffer = GC.AllocateUninitializedArray<byte>(Math.Max(bytes, ChunkBytes));
            }

            _bufferStart = position;
            _bufferedBytes = file.Read(_buffer, position);
            if (_bufferedBytes < bytes)
            {
                throw new CorruptLogException($"the file ended at {position + _bufferedBytes} while it was being checked");
            }
        }

        return _buffer.AsSpan(position - _bufferStart, bytes);
    }
}
