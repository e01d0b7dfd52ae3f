using Engine.Linux;
using Engine.Wire;

namespace Engine.Storage;

/// <content>
/// Storage record by record (<see cref="Batching.Record"/>): what a log does that has to do without batches. A client's batch is unpacked, and
/// each record written by a pwrite of its own as a batch of its own.
/// <para>
/// Readers see a client's records together, since size, indexes and end offset are published behind the last one; only a batch that takes more
/// than a whole segment is published segment by segment. A write that fails has all that is not published cut off again.
/// </para>
/// </content>
public sealed partial class PartitionLog
{
    /// <param name="stored">The records at the batch's begin that the log has already.</param>
    /// <param name="appendTimeMs">−1: the records keep their own times.</param>
    private AppendResult AppendRecords(ReadOnlySpan<byte> batch, bool hasProducer, StoredPart stored, long appendTimeMs)
    {
        RecordScratch scratch = RecordScratch.OfThread;
        scratch.Clear();
        long bytes = SizeOfRecords(batch, stored.Records);
        long firstOffset = _endOffset;
        int count = RecordBatch.RecordCount(batch) - stored.Records;
        long maxTimestampMs = appendTimeMs != RecordBatch.NoTimestamp ? appendTimeMs : RecordBatch.MaxTimestamp(batch);
        try
        {
            if (!_active.HasRoomForRecords(0, 0, bytes, count, firstOffset + count - 1, maxTimestampMs))
            {
                Roll();
            }

            CutDirtyTail();
            WriteRecords(batch, hasProducer, stored.Records, appendTimeMs, maxTimestampMs, scratch);
        }
        catch (LinuxException e)
        {
            throw Undone(e);
        }

        PublishRecords(scratch);
        scratch.Shrink();
        if (hasProducer)
        {
            bool continues = stored.Records == 0 || stored.FirstOffset + stored.Records == firstOffset;
            if (continues)
            {
                _producers.RememberWhole(batch, firstOffset - stored.Records, maxTimestampMs);
            }
            else
            {
                // Another producer's records came between: the batch has no one row of offsets to be remembered by.
                _producers.RememberPart(batch, stored.Records, count, firstOffset, maxTimestampMs);
            }
        }

        Recent.Add(firstOffset);
        return new AppendResult(AppendOutcome.Appended, stored.Records > 0 ? stored.FirstOffset : firstOffset, appendTimeMs)
        {
            FlushTo = _flush.OnAppend(_endOffset, Config),
        };
    }

    private void WriteRecords(
        ReadOnlySpan<byte> batch, bool hasProducer, int skip, long appendTimeMs, long maxTimestampMs, RecordScratch scratch)
    {
        RecordReader records = new(batch);
        int remembered = skip;
        while (records.MoveNext(out Record record))
        {
            int index = records.Read - 1;
            if (index < skip)
            {
                continue;
            }

            int bytes = OneRecordBatch.SizeBytes(record);
            long offset = _endOffset + scratch.Count;
            if (!_active.HasRoomForRecords(scratch.Bytes, scratch.Count, bytes, 1, offset, maxTimestampMs))
            {
                PublishRecords(scratch);
                if (hasProducer && index > remembered)
                {
                    // Before the roll, which takes a snapshot of the producers as they are at the segment's begin.
                    _producers.RememberPart(batch, remembered, index - remembered, offset - (index - remembered), maxTimestampMs);
                    remembered = index;
                }

                Roll();
            }

            Span<byte> one = scratch.Room(bytes)[..(bytes + OneRecordBatch.ScratchBytes)];
            OneRecordBatch.Write(one, batch, record, index, offset, appendTimeMs);
            one = one[..bytes];
            _active.WriteRecord(one, scratch.Bytes);
            scratch.Note(bytes, RecordBatch.MaxTimestamp(one));
        }
    }

    private void PublishRecords(RecordScratch scratch)
    {
        if (scratch.Count > 0)
        {
            _active.PublishRecords(scratch.Written, _endOffset);
            Volatile.Write(ref _endOffset, _endOffset + scratch.Count);
            scratch.Clear();
        }
    }

    /// <summary>The bytes that the records take as batches; looked at before anything is written, so that nothing malformed is met half-way.</summary>
    private static long SizeOfRecords(ReadOnlySpan<byte> batch, int skip)
    {
        long bytes = 0;
        RecordReader records = new(batch);
        while (records.MoveNext(out Record record))
        {
            bytes += records.Read > skip ? OneRecordBatch.SizeBytes(record) : 0;
        }

        return records.Malformed ? throw new ArgumentException("the records are malformed or compressed", nameof(batch)) : bytes;
    }
}
