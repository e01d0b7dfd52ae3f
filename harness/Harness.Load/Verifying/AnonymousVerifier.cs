using Engine.Wire;

namespace Harness.Load;

/// <summary>
/// The verifier of values too short to carry an identity: count, sizes, order of offsets, checksums. What was acknowledged is known by its
/// offsets alone. (Ownership: <see cref="PartitionVerifier"/>.)
/// </summary>
internal sealed class AnonymousVerifier(VerifierOptions options, int partition, string? group, ProducerLedger[] ledgers)
    : PartitionVerifier(partition, group, options.Checks.Checksum)
{
    private readonly SequenceTrack _offsets = new();
    private long _acknowledgedThrough;

    public override bool NothingAwaitsDelivery => options.Acks == Acks.None
        ? Delivered >= ledgers.Sum(ledger => ledger.SentThrough(Partition))
        : _offsets.Expected >= Volatile.Read(ref _acknowledgedThrough);

    public override void StartAt(long offset)
    {
        base.StartAt(offset);
        _offsets.StartAt(offset);
    }

    public override void Acknowledged(int producer, AckRun run)
    {
        long through = run.Offset + run.Count;
        long known = Volatile.Read(ref _acknowledgedThrough);
        while (through > known)
        {
            long seen = Interlocked.CompareExchange(ref _acknowledgedThrough, through, known);
            if (seen == known)
            {
                break;
            }

            known = seen;
        }
    }

    public override IEnumerable<ViolationLog> Logs() => [Log];

    public override long Conclude(bool complete)
    {
        long sent = ledgers.Sum(ledger => ledger.SentThrough(Partition));
        long missing = _offsets.Missing.Count;
        RangeSet acknowledged = new();
        foreach (ProducerLedger ledger in ledgers)
        {
            foreach (LongRange range in ledger.AcknowledgedOffsets(Partition).Ranges)
            {
                acknowledged.Add(range.From, range.To);
            }
        }

        foreach (LongRange gap in _offsets.Missing.Ranges)
        {
            foreach (LongRange lost in acknowledged.Within(gap.From, gap.To, inside: true))
            {
                Lose(lost);
            }

            foreach (LongRange odd in acknowledged.Within(gap.From, gap.To, inside: false))
            {
                Log.Add(ViolationKind.Reordered, odd.From, -1, -1, 1, $"offsets {odd.From} to {odd.To - 1} were never delivered nor acknowledged");
            }
        }

        if (!complete || Stopped)
        {
            return 0;
        }

        foreach (LongRange lost in acknowledged.Within(_offsets.Expected, long.MaxValue, inside: true))
        {
            Lose(lost);
        }

        long acknowledgedMessages = ledgers.Sum(ledger => ledger.AcknowledgedSequences(Partition).Count);
        long overwritten = acknowledgedMessages - acknowledged.Count;
        if (overwritten > 0)
        {
            Log.Add(ViolationKind.Lost, null, -1, -1, overwritten, "acknowledged at offsets that were acknowledged for others too");
        }

        long surplus = Delivered - sent - Log.Count(ViolationKind.Duplicated);
        if (surplus > 0)
        {
            Log.Add(ViolationKind.Duplicated, null, -1, -1, surplus, $"{Delivered} messages were delivered of {sent} sent");
        }

        long undelivered = sent - Delivered;
        if (options.Acks == Acks.None && undelivered > 0)
        {
            Log.Add(ViolationKind.Lost, null, -1, -1, undelivered, $"{Delivered} messages were delivered of {sent} sent");
        }

        return options.Acks == Acks.None ? 0 : Math.Max(0, Math.Min(undelivered - missing, sent - acknowledgedMessages));
    }

    protected override bool TryTakeWhole(ReadOnlySpan<byte> batch, long baseOffset)
    {
        if (_offsets.Expected != baseOffset)
        {
            return false;
        }

        RecordReader reader = new(batch);
        int index = 0;
        while (reader.MoveNext(out Record record))
        {
            if (!IsExpected(record, index))
            {
                return false;
            }

            index++;
        }

        if (reader.Malformed)
        {
            return false;
        }

        _offsets.Advance(index);
        return true;
    }

    protected override long TakeCarefully(ReadOnlySpan<byte> batch, long baseOffset, int count, long skipBelow, BatchFault fault)
    {
        long missing = 0;
        RecordReader reader = new(batch[RecordBatch.HeaderBytes..], count);
        for (int index = 0; index < count; index++)
        {
            bool readable = reader.MoveNext(out Record record);
            long offset = baseOffset + index;
            if (offset < skipBelow)
            {
                continue;
            }

            missing += Math.Max(0, offset - _offsets.Expected);
            Arrival arrival = _offsets.Take(offset, offset);
            if (!readable || !IsExpected(record, index))
            {
                string what = readable ? $"a record of {record.Value.Length} value bytes where {options.ValueBytes} were sent" : "an unreadable record";
                Log.Add(ViolationKind.Damaged, offset, -1, -1, 1, fault == BatchFault.None ? what : $"{what}; {Describe(fault)}");
            }
            else if (arrival == Arrival.Late)
            {
                Log.Add(ViolationKind.Reordered, offset, -1, -1, 1, "came after a later offset");
            }
            else if (arrival == Arrival.Repeated)
            {
                Log.Add(ViolationKind.Duplicated, offset, -1, -1, 1, "an offset that had been delivered already");
            }
        }

        return missing;
    }

    private bool IsExpected(in Record record, int index) =>
        record.Value.Length == options.ValueBytes && record.OffsetDelta == index && !record.HasKey && record.HeaderCount == 0;

    private void Lose(LongRange offsets) =>
        Log.Add(ViolationKind.Lost, offsets.From, -1, -1, offsets.Count, "acknowledged and never delivered");
}
