namespace Engine.Storage;

/// <content>
/// What is remembered where records are stored one by one. The batches of this run are remembered whole, as everywhere. Behind a restart the log
/// says which records there are, not in which batches they came: those in a row are remembered as one run, and a repeated batch is found by the
/// place of its first record in it. The last five runs are at least the last five batches.
/// </content>
internal sealed partial class ProducerState
{
    /// <summary>More would make a sequence ambiguous, since they begin again.</summary>
    private const int RunRecordsMax = 1 << 30;

    /// <summary>Everything remembered is taken for runs: it was read from a snapshot, behind which only the records tell.</summary>
    internal void TakeAsRuns()
    {
        for (int i = 0; i < Count; i++)
        {
            this[i] = this[i] with { IsRun = true };
        }
    }

    /// <summary>Adds records whose batch is not known, to the last run where they continue it.</summary>
    internal void AddRun(in RememberedBatch run)
    {
        if (Count > 0 && this[Count - 1] is { IsRun: true } last
            && last.LastOffset + 1 == run.FirstOffset && ((last.LastSequence + 1) & int.MaxValue) == run.FirstSequence)
        {
            int delta = (int)Math.Min((long)last.OffsetDelta + run.OffsetDelta + 1, RunRecordsMax - 1);
            this[Count - 1] = run with { OffsetDelta = delta, TimestampMs = Math.Max(last.TimestampMs, run.TimestampMs), IsRun = true };
            LastTimestampMs = run.TimestampMs;
            return;
        }

        Add(run with { IsRun = true });
    }

    /// <summary>Adds a whole batch, in the place of what runs have of it.</summary>
    internal void AddInPlaceOfRuns(in RememberedBatch batch)
    {
        while (Count > 0 && this[Count - 1] is { IsRun: true } last)
        {
            int common = Distance(batch.FirstSequence, last.LastSequence) + 1;
            if (common <= 0 || common > batch.OffsetDelta + 1)
            {
                break;
            }

            if (common <= last.OffsetDelta)
            {
                this[Count - 1] = last with
                {
                    LastSequence = (last.LastSequence - common) & int.MaxValue,
                    LastOffset = last.LastOffset - common,
                    OffsetDelta = last.OffsetDelta - common,
                };
                break;
            }

            Count--;
        }

        Add(batch);
    }

    /// <summary>Finds what runs have of a batch: its first record, and how many from there on.</summary>
    /// <param name="timestampMs">The largest of the run that the first record is in.</param>
    internal bool TryFindInRuns(int firstSequence, int records, out StoredPart stored, out long timestampMs)
    {
        stored = default;
        timestampMs = 0;
        for (int i = 0; i < Count; i++)
        {
            RememberedBatch run = this[i];
            int behind = Distance(firstSequence, run.LastSequence);
            if (!run.IsRun || behind > run.OffsetDelta)
            {
                continue;
            }

            // Sequences go on from one to the next; only offsets may have another producer's records between them.
            int next = i + 1;
            long found = behind + 1L;
            for (; found < records && next < Count && this[next].IsRun; next++)
            {
                found += this[next].OffsetDelta + 1L;
            }

            stored = new StoredPart((int)Math.Min(found, records), run.LastOffset - behind);
            timestampMs = run.TimestampMs;
            return found >= records || next == Count;
        }

        return false;
    }

    /// <summary>Records from one sequence on up to another.</summary>
    private static int Distance(int from, int to) => (to - from) & int.MaxValue;
}
