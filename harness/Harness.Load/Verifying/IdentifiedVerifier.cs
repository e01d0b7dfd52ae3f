using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Engine.Linux;
using Engine.Wire;

namespace Harness.Load;

/// <summary>
/// The verifier of values that say who they are: every byte is compared with what that producer sent as that sequence, and each
/// producer's sequence must be unbroken. (Ownership: <see cref="PartitionVerifier"/>.)
/// </summary>
internal sealed class IdentifiedVerifier : PartitionVerifier
{
    private const long NanosPerMicro = 1_000;
    private const long SealDueUnknown = long.MinValue;

    private readonly VerifierOptions _options;
    private readonly ProducerLedger[] _ledgers;
    private readonly ValueStream[] _streams;
    private readonly SequenceTrack[] _tracks;
    private readonly AckReconciler[] _reconcilers;
    private readonly ViolationLog[] _reconcilerLogs;
    private readonly SealTimes[] _sealTimes;
    private readonly List<(int Producer, AckRun Run)> _runs = [];
    private readonly int _valueBytes;

    public IdentifiedVerifier(VerifierOptions options, int partition, string? group, ProducerLedger[] ledgers)
        : base(partition, group, options.Checks.Checksum)
    {
        _options = options;
        _ledgers = ledgers;
        _valueBytes = options.ValueBytes;
        int[] producers = [.. Enumerable.Range(0, options.Producers)];
        _streams = [.. producers.Select(producer => new ValueStream(options.Seed, producer, partition))];
        _tracks = [.. producers.Select(_ => new SequenceTrack())];
        _sealTimes = [.. producers.Select(_ => new SealTimes())];
        _reconcilerLogs = [.. producers.Select(_ => new ViolationLog(partition, group))];
        _reconcilers = [.. producers.Select(producer => new AckReconciler(_reconcilerLogs[producer], producer))];
    }

    public override bool NothingAwaitsDelivery
    {
        get
        {
            for (int producer = 0; producer < _tracks.Length; producer++)
            {
                bool nothing = _options.Acks == Acks.None
                    ? _tracks[producer].Expected >= _ledgers[producer].SentThrough(Partition)
                    : _reconcilers[producer].NothingAwaitsDelivery;
                if (!nothing)
                {
                    return false;
                }
            }

            return true;
        }
    }

    public override void Acknowledged(int producer, AckRun run) => _reconcilers[producer].Acknowledged(run);

    public override void SealDue(int producer, long firstSequence, long throughSequence, long dueNanos)
    {
        if (SealedEndToEnd is not null)
        {
            _sealTimes[producer].Add(firstSequence, throughSequence, dueNanos);
        }
    }

    public override IEnumerable<ViolationLog> Logs() => [Log, .. _reconcilerLogs];

    public override long Conclude(bool complete)
    {
        long unacknowledged = 0;
        for (int producer = 0; producer < _tracks.Length; producer++)
        {
            SequenceTrack track = _tracks[producer];
            foreach (LongRange gap in track.Missing.Ranges)
            {
                unacknowledged += Lose(producer, gap);
            }

            if (track.MissingUnremembered > 0)
            {
                Log.Add(ViolationKind.Lost, null, producer, -1, track.MissingUnremembered, "left out in more gaps than are remembered one by one");
            }

            if (complete && !Stopped)
            {
                unacknowledged += Lose(producer, new LongRange(track.Expected, _ledgers[producer].SentThrough(Partition)));
            }
        }

        return unacknowledged;
    }

    protected override bool TryTakeWhole(ReadOnlySpan<byte> batch, long baseOffset)
    {
        // A batch comes from one producer: its first record says which.
        ref byte start = ref MemoryMarshal.GetReference(batch);
        PlainRecord record = new(ref start, batch.Length, RecordBatch.HeaderBytes);
        if (!record.IsValid || record.ValueBytes != _valueBytes)
        {
            return false;
        }

        int producer = Unsafe.ReadUnaligned<int>(ref Unsafe.Add(ref start, record.Value));
        if ((uint)producer >= (uint)_tracks.Length)
        {
            return false;
        }

        SequenceTrack track = _tracks[producer];
        int count = RecordBatch.RecordCount(batch);
        long first = track.Expected;
        if (first + count > _ledgers[producer].SentThrough(Partition) || !TryVerify(batch, count, _streams[producer], first, SealDueOf(producer, first, count)))
        {
            return false;
        }

        track.Advance(count);
        if (_options.Acks != Acks.None)
        {
            _reconcilers[producer].Delivered(new AckRun(first, baseOffset, count, Suspect: false));
        }

        return true;
    }

    /// <summary>Compares a batch with what is due. Messages of one stamp follow one another; the latency is recorded once for such a run.</summary>
    private bool TryVerify(ReadOnlySpan<byte> batch, int count, ValueStream stream, long firstSequence, long sealDueNanos)
    {
        ref byte start = ref MemoryMarshal.GetReference(batch);
        ValueRun values = new(stream, long.MinValue, _valueBytes);
        nint position = RecordBatch.HeaderBytes;
        uint runStart = 0;
        uint sealedInWindow = 0;
        for (uint index = 0; index < (uint)count;)
        {
            PlainRecord record = new(ref start, batch.Length, position);
            if (!record.IsValid || record.ValueBytes != _valueBytes || record.OffsetDelta != index)
            {
                return false;
            }

            ref byte value = ref Unsafe.Add(ref start, record.Value);
            long stamp = ValueRun.Stamp(ref value);
            if (stamp != values.StampNanos)
            {
                sealedInWindow += RecordRun(values.StampNanos, index - runStart, sealDueNanos);
                values = values.At(stamp);
                runStart = index;
            }

            if (values.Difference(ref value, firstSequence + index) != 0)
            {
                return false;
            }

            position = record.End;
            index++;
            if (RecordFrame.At(index, 0, _valueBytes) is { ValueBytes: >= 0 } frame)
            {
                nint fit = (batch.Length - position) / frame.RecordBytes;
                uint most = (uint)Math.Min(fit, Math.Min(count, frame.End) - index);
                ref byte next = ref Unsafe.Add(ref start, position);
                uint verified = values.IsShort
                    ? VerifyRun<Filler.Short>(ref next, most, frame, values, firstSequence + index)
                    : VerifyRun<Filler.Long>(ref next, most, frame, values, firstSequence + index);
                index += verified;
                position += (nint)verified * frame.RecordBytes;
            }
        }

        sealedInWindow += RecordRun(values.StampNanos, (uint)count - runStart, sealDueNanos);
        if (sealedInWindow > 0)
        {
            SealedEndToEnd!.Record((MonotonicClock.Nanos() - sealDueNanos) / NanosPerMicro, sealedInWindow);
        }

        return position == batch.Length;
    }

    /// <summary>
    /// The loop over every message delivered: those that follow one another with one stamp and one kind of frame, until one is not as
    /// it is due. Not inlined, and without anything that any other message needs, so that what it works with stays in registers.
    /// </summary>
    /// <param name="count">As many as the batch has room and the frame goes on for.</param>
    /// <returns>How many messages are as they are due.</returns>
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static uint VerifyRun<TFiller>(ref byte record, uint count, RecordFrame frame, ValueRun values, long sequence)
        where TFiller : struct, Filler.IKind
    {
        uint index = 0;
        while (index < count && frame.Matches(ref record))
        {
            ref byte value = ref Unsafe.Add(ref record, frame.ValueAt);
            if (ValueRun.Stamp(ref value) != values.StampNanos || values.Difference<TFiller>(ref value, sequence + index) != 0)
            {
                break;
            }

            record = ref Unsafe.Add(ref record, frame.RecordBytes);
            frame.MoveNext();
            index++;
        }

        return index;
    }

    /// <returns>How many of them count and were there when their batch was due to be sealed: from then on they have one latency, which is recorded once.</returns>
    private uint RecordRun(long stampNanos, uint count, long sealDueNanos)
    {
        if (count == 0 || Window is null || stampNanos < Window.BeginNanos || stampNanos >= Window.EndNanos)
        {
            return 0;
        }

        long micros = (MonotonicClock.Nanos() - stampNanos) / NanosPerMicro;
        EndToEnd!.Record(micros, count);
        if (stampNanos <= sealDueNanos)
        {
            return count;
        }

        if (sealDueNanos != SealDueUnknown)
        {
            SealedEndToEnd!.Record(micros, count);
        }

        return 0;
    }

    private long SealDueOf(int producer, long firstSequence, int count)
    {
        if (SealedEndToEnd is null)
        {
            return SealDueUnknown;
        }

        bool known = _sealTimes[producer].TryFind(firstSequence, count, out long dueNanos);
        KnowsSealTimes &= known;
        return known ? dueNanos : SealDueUnknown;
    }

    protected override long TakeCarefully(ReadOnlySpan<byte> batch, long baseOffset, int count, long skipBelow, BatchFault fault)
    {
        BatchAnchor anchor = FindAnchor(batch, count);
        long missing = 0;
        _runs.Clear();
        RecordReader reader = new(batch[RecordBatch.HeaderBytes..], count);
        for (int index = 0; index < count; index++)
        {
            bool readable = reader.MoveNext(out Record record);
            long offset = baseOffset + index;
            if (offset >= skipBelow)
            {
                missing += Examine(readable, record, index, offset, anchor, fault);
            }
        }

        reader.MoveNext(out _);
        if (reader.Malformed && reader.Read == count)
        {
            Log.Add(ViolationKind.Damaged, baseOffset, anchor.Producer, -1, 1, "bytes left over behind the batch's last record");
        }

        if (_options.Acks != Acks.None)
        {
            // Only a batch of which a part was not asked for comes this way without anything being wrong in it.
            bool suspect = skipBelow == baseOffset;
            foreach ((int producer, AckRun run) in _runs)
            {
                _reconcilers[producer].Delivered(run with { Suspect = suspect });
            }
        }

        return missing;
    }

    /// <summary>One record of a batch in which something is wrong. Returns the messages found to be missing before it.</summary>
    private long Examine(bool readable, in Record record, int index, long offset, BatchAnchor anchor, BatchFault fault)
    {
        int producer = -1;
        long sequence = -1;
        string? damage = null;
        if (!readable)
        {
            damage = "a record that cannot be read";
        }
        else if (!TryRecognise(record.Value, out producer, out sequence))
        {
            damage = "";
        }
        else if (sequence >= _ledgers[producer].SentThrough(Partition))
        {
            damage = $"producer {producer} never sent sequence {sequence} to this partition";
        }
        else if (record.OffsetDelta != index || record.HasKey || record.HeaderCount != 0)
        {
            damage = $"a record framed as none was sent (offset delta {record.OffsetDelta} at position {index})";
        }

        if (damage is not null)
        {
            // What stands here is not what was sent; what was sent here is known from its neighbours.
            (producer, sequence) = anchor.Presume(index, _tracks);
            damage = damage.Length > 0 ? damage : Differences(record.Value, producer, sequence);
            Log.Add(
                ViolationKind.Damaged, offset, producer, sequence, 1, fault == BatchFault.None ? damage : $"{damage}; {Describe(fault)}");
            if (producer < 0)
            {
                return 0;
            }
        }

        SequenceTrack track = _tracks[producer];
        long missing = Math.Max(0, sequence - track.Expected);
        Arrival arrival = track.Take(sequence, offset);
        if (arrival is Arrival.Due or Arrival.AfterGap)
        {
            AddRun(producer, sequence, offset);
        }
        else if (damage is null && arrival == Arrival.Late)
        {
            Log.Add(ViolationKind.Reordered, offset, producer, sequence, 1, $"came after sequence {track.Expected - 1}");
        }
        else if (damage is null)
        {
            Log.Add(ViolationKind.Duplicated, offset, producer, sequence, 1, "had been delivered already");
        }

        return missing;
    }

    /// <summary>The first record that is certainly one that was sent: its neighbours in the batch are then known by their position.</summary>
    private BatchAnchor FindAnchor(ReadOnlySpan<byte> batch, int count)
    {
        RecordReader reader = new(batch[RecordBatch.HeaderBytes..], count);
        for (int index = 0; reader.MoveNext(out Record record); index++)
        {
            if (TryRecognise(record.Value, out int producer, out long sequence) && sequence < _ledgers[producer].SentThrough(Partition))
            {
                return new BatchAnchor(producer, sequence - index);
            }
        }

        return BatchAnchor.None;
    }

    /// <summary>True when a value is, byte for byte, what the producer it names sends as the sequence it names.</summary>
    private bool TryRecognise(ReadOnlySpan<byte> value, out int producer, out long sequence)
    {
        producer = -1;
        sequence = -1;
        if (value.Length != _valueBytes)
        {
            return false;
        }

        int claimed = MemoryMarshal.Read<int>(value[ValueLayout.ProducerAt..]);
        long number = MemoryMarshal.Read<long>(value[ValueLayout.SequenceAt..]);
        long stamp = MemoryMarshal.Read<long>(value[ValueLayout.StampAt..]);
        if ((uint)claimed >= (uint)_streams.Length || number < 0)
        {
            return false;
        }

        ref byte filler = ref Unsafe.Add(ref MemoryMarshal.GetReference(value), ValueLayout.HeaderBytes);
        if (Filler.Difference(ref filler, _valueBytes - ValueLayout.HeaderBytes, _streams[claimed].FirstWord(number, ValueStream.StampTerm(stamp))) != 0)
        {
            return false;
        }

        producer = claimed;
        sequence = number;
        return true;
    }

    private string Differences(ReadOnlySpan<byte> value, int producer, long sequence)
    {
        if (value.Length != _valueBytes)
        {
            return $"a value of {value.Length} bytes where {_valueBytes} were sent";
        }

        if (producer < 0)
        {
            return "a value that no producer sent, in a batch of which nothing is intact";
        }

        long stamp = MemoryMarshal.Read<long>(value[ValueLayout.StampAt..]);
        byte[] sent = new byte[_valueBytes + RecordBatchBuilder.ScratchBytes];
        new ValueRun(_streams[producer], stamp, _valueBytes).Value(sequence).Write(ref sent[0]);
        int different = 0;
        for (int i = 0; i < value.Length; i++)
        {
            different += value[i] != sent[i] ? 1 : 0;
        }

        int at = value.CommonPrefixLength(sent.AsSpan(0, _valueBytes));
        return at < ValueLayout.HeaderBytes || different < _valueBytes - ValueLayout.HeaderBytes - 2
            ? $"byte {at} of the value is 0x{value[at]:x2} where 0x{sent[at]:x2} was sent ({different} bytes differ)"
            : $"the stamp (bytes {ValueLayout.StampAt} to {ValueLayout.HeaderBytes - 1} of the value) is not the one the filler was made with";
    }

    private void AddRun(int producer, long sequence, long offset)
    {
        if (_runs.Count > 0 && _runs[^1] is var (last, run) && last == producer && run.End == sequence && run.Offset + run.Count == offset)
        {
            _runs[^1] = (producer, run with { Count = run.Count + 1 });
        }
        else
        {
            _runs.Add((producer, new AckRun(sequence, offset, 1, Suspect: false)));
        }
    }

    /// <summary>Of messages that did not arrive, counts as lost what was promised. Returns the others.</summary>
    private long Lose(int producer, LongRange undelivered)
    {
        if (undelivered.Count <= 0)
        {
            return 0;
        }

        ProducerLedger ledger = _ledgers[producer];
        IEnumerable<LongRange> promised = _options.Acks == Acks.None
            ? [undelivered]
            : ledger.AcknowledgedSequences(Partition).Within(undelivered.From, undelivered.To, inside: true);
        string fate = _options.Acks == Acks.None ? "sent and never delivered" : "acknowledged and never delivered";
        long others = undelivered.Count;
        foreach (LongRange lost in promised)
        {
            others -= lost.Count;
            long? next = _tracks[producer].OffsetAfterGap(lost.From);
            long? offset = _reconcilers[producer].AcknowledgedOffset(lost.From) ?? next;
            string detail = next is null ? fate : $"{fate}; what came instead stands at offset {next}";
            Log.Add(ViolationKind.Lost, offset, producer, lost.From, lost.Count, detail);
        }

        return others;
    }

    /// <summary>The producer of a batch and the sequence of its first record; neither is known without an intact record.</summary>
    private readonly record struct BatchAnchor(int Producer, long FirstSequence)
    {
        public static BatchAnchor None => new(-1, -1);

        public (int Producer, long Sequence) Presume(int index, SequenceTrack[] tracks) =>
            Producer >= 0 && FirstSequence + index >= 0 ? (Producer, FirstSequence + index)
            : tracks.Length == 1 ? (0, tracks[0].Expected)
            : (-1, -1);
    }
}
