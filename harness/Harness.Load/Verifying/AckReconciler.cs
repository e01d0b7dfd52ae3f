namespace Harness.Load;

/// <summary>Messages in sequence at offsets in sequence.</summary>
/// <param name="Suspect">Delivered in a batch in which something else was already found.</param>
internal readonly record struct AckRun(long Sequence, long Offset, long Count, bool Suspect)
{
    public long End => Sequence + Count;

    public AckRun Skip(long count) => this with { Sequence = Sequence + count, Offset = Offset + count, Count = Count - count };

    public AckRun Take(long count) => this with { Count = count };
}

/// <summary>
/// Brings together what the broker acknowledged to one producer and what one group was delivered of it: a message must stand at the offset that was
/// acknowledged for it. Either side may be ahead, the producer by the consumer's lag or the consumer by an acknowledgement still under way;
/// only what is ahead is kept, and runs that continue one another are one.
/// <para>
/// Called by the producer's and the consumer's thread, once a batch each, under a lock of its own.
/// Every difference of offsets is told once, when it first shows, not again for each message that lies behind it.
/// </para>
/// </summary>
internal sealed class AckReconciler(ViolationLog log, int producer)
{
    private const int PassedOverMax = 1000;

    private readonly Lock _gate = new();
    private readonly Queue<AckRun> _ahead = new();
    private readonly List<AckRun> _passedOver = [];
    private AckRun _head;
    private AckRun _tail;
    private bool _acknowledgedAhead;
    private long _shift;

    /// <summary>True when everything acknowledged has been delivered, or been passed over by what was.</summary>
    public bool NothingAwaitsDelivery
    {
        get
        {
            lock (_gate)
            {
                return !_acknowledgedAhead || _head.Count == 0;
            }
        }
    }

    public void Acknowledged(AckRun run)
    {
        lock (_gate)
        {
            Match(run, acknowledged: true);
        }
    }

    public void Delivered(AckRun run)
    {
        lock (_gate)
        {
            Match(run, acknowledged: false);
        }
    }

    /// <summary>The offset acknowledged for a message that was not delivered, where still known. For when all threads have ended.</summary>
    public long? AcknowledgedOffset(long sequence)
    {
        IEnumerable<AckRun> runs = _acknowledgedAhead ? [.. _passedOver, _head, .. _ahead, _tail] : _passedOver;
        foreach (AckRun run in runs)
        {
            if (run.Sequence <= sequence && sequence < run.End)
            {
                return run.Offset + sequence - run.Sequence;
            }
        }

        return null;
    }

    // What is ahead is _head, then the queue, then _tail; the first two are empty as long as everything continues.
    private void Match(AckRun run, bool acknowledged)
    {
        while (run.Count > 0 && _head.Count > 0 && _acknowledgedAhead != acknowledged)
        {
            if (run.Sequence < _head.Sequence)
            {
                // The other side has nothing for the beginning of this: passed over, or never acknowledged.
                long alone = Math.Min(run.Count, _head.Sequence - run.Sequence);
                PassOver(run.Take(alone), acknowledged);
                run = run.Skip(alone);
            }
            else if (_head.Sequence < run.Sequence)
            {
                long alone = Math.Min(_head.Count, run.Sequence - _head.Sequence);
                PassOver(_head.Take(alone), _acknowledgedAhead);
                SkipHead(alone);
            }
            else
            {
                long both = Math.Min(run.Count, _head.Count);
                Compare(acknowledged ? run : _head, acknowledged ? _head : run);
                run = run.Skip(both);
                SkipHead(both);
            }
        }

        if (run.Count > 0)
        {
            Append(run, acknowledged);
        }
    }

    private void Compare(AckRun acknowledged, AckRun delivered)
    {
        long shift = delivered.Offset - acknowledged.Offset;
        if (shift == _shift)
        {
            return;
        }

        _shift = shift;
        if (shift != 0 && !delivered.Suspect)
        {
            log.Add(
                ViolationKind.Reordered,
                delivered.Offset,
                producer,
                delivered.Sequence,
                1,
                $"stands at offset {delivered.Offset} but was acknowledged at {acknowledged.Offset}");
        }
    }

    private void PassOver(AckRun run, bool acknowledged)
    {
        if (acknowledged && _passedOver.Count < PassedOverMax)
        {
            _passedOver.Add(run);
        }
    }

    private void Append(AckRun run, bool acknowledged)
    {
        _acknowledgedAhead = acknowledged;
        if (_head.Count == 0)
        {
            _head = run;
        }
        else if (_tail.Count == 0 ? TryJoin(ref _head, run) : TryJoin(ref _tail, run))
        {
            return;
        }
        else
        {
            if (_tail.Count > 0)
            {
                _ahead.Enqueue(_tail);
            }

            _tail = run;
        }
    }

    private static bool TryJoin(ref AckRun last, AckRun next)
    {
        if (last.End != next.Sequence || last.Offset + last.Count != next.Offset || last.Suspect != next.Suspect)
        {
            return false;
        }

        last = last with { Count = last.Count + next.Count };
        return true;
    }

    private void SkipHead(long count)
    {
        _head = _head.Skip(count);
        if (_head.Count > 0)
        {
            return;
        }

        if (!_ahead.TryDequeue(out _head))
        {
            _head = _tail;
            _tail = default;
        }
    }
}
