using Engine.Wire;

namespace Engine.Storage;

/// <summary>
/// The producers that have appended to a partition, by id. A batch is checked before it is appended and remembered after it, both under the log's
/// lock. Nothing is made before the first producer id comes, and nothing a batch after a producer's first.
/// (Kafka: ProducerStateManager and ProducerAppendInfo, whose rules these are.)
/// </summary>
/// <param name="batching">Where records are stored one by one, batches of the log are not those of the producers.</param>
internal sealed class ProducerStates(ProducerLimits limits, Batching batching = Batching.Batch)
{
    private Dictionary<long, ProducerState>? _byId;
    private long _sweptTicksMs = Environment.TickCount64;
    private bool _released;

    internal int Count => _byId?.Count ?? 0;

    internal long MaxId => _byId is null || _byId.Count == 0 ? RecordBatch.NoProducerId : _byId.Keys.Max();

    /// <summary>In no particular order.</summary>
    internal IReadOnlyCollection<ProducerState> All => _byId is null ? [] : _byId.Values;

    /// <summary>Judges a batch from a client that is about to be appended.</summary>
    /// <param name="stored">What of it the log has already, where a batch may be stored in part: the rest is to be appended.</param>
    /// <param name="refusal">What it is answered when it is not to be appended.</param>
    internal bool MayAppend(ReadOnlySpan<byte> batch, out StoredPart stored, out AppendResult refusal)
    {
        refusal = default;
        stored = default;
        if (_byId is null || !_byId.TryGetValue(RecordBatch.ProducerId(batch), out ProducerState? state))
        {
            // Not known here: its records may have left the log. Kafka takes any sequence then.
            RemoveExpired(Environment.TickCount64, ProducerLimits.CheckIntervalMs);
            return !limits.IsFullForNow() || Refuse(AppendOutcome.TooManyProducers, out refusal);
        }

        short epoch = RecordBatch.ProducerEpoch(batch);
        int sequence = RecordBatch.BaseSequence(batch);
        if (state.TryFind(epoch, sequence, RecordBatch.LastSequence(batch), out RememberedBatch original))
        {
            refusal = new AppendResult(AppendOutcome.Duplicate, original.FirstOffset, original.TimestampMs);
            return false;
        }

        int records = RecordBatch.LastOffsetDelta(batch) + 1;
        if (batching == Batching.Record && epoch == state.Epoch && state.TryFindInRuns(sequence, records, out stored, out long timestampMs))
        {
            refusal = new AppendResult(AppendOutcome.Duplicate, stored.FirstOffset, timestampMs);
            return stored.Records < records;
        }

        stored = default;
        if (epoch < state.Epoch)
        {
            return Refuse(AppendOutcome.InvalidProducerEpoch, out refusal);
        }

        int expected = epoch == state.Epoch ? (state.LastSequence + 1) & int.MaxValue : 0;
        return sequence == expected
            || state.Epoch == RecordBatch.NoProducerEpoch
            || Refuse(AppendOutcome.OutOfOrderSequence, out refusal);
    }

    /// <summary>Remembers a batch that is in the log, whatever came before it.</summary>
    internal void Remember(ReadOnlySpan<byte> batch)
    {
        ProducerState state = Seen(batch, RecordBatch.MaxTimestamp(batch));
        if (RecordBatch.IsControl(batch))
        {
            return;
        }

        RememberedBatch remembered = new(
            RecordBatch.LastSequence(batch), RecordBatch.LastOffset(batch), RecordBatch.LastOffsetDelta(batch), RecordBatch.MaxTimestamp(batch));
        if (batching == Batching.Record)
        {
            state.AddRun(remembered);
        }
        else
        {
            state.Add(remembered);
        }
    }

    /// <summary>Remembers a producer's batch all of whose records are in the log, one behind the other.</summary>
    internal void RememberWhole(ReadOnlySpan<byte> batch, long firstOffset, long timestampMs)
    {
        int delta = RecordBatch.LastOffsetDelta(batch);
        Seen(batch, timestampMs).AddInPlaceOfRuns(new RememberedBatch(RecordBatch.LastSequence(batch), firstOffset + delta, delta, timestampMs));
    }

    /// <summary>Remembers records of a producer's batch that are in the log, when others are not, or elsewhere.</summary>
    /// <param name="first">The place of the first of them in the batch.</param>
    /// <param name="offset">Its offset.</param>
    internal void RememberPart(ReadOnlySpan<byte> batch, int first, int records, long offset, long timestampMs)
    {
        int lastSequence = (RecordBatch.BaseSequence(batch) + first + records - 1) & int.MaxValue;
        Seen(batch, timestampMs).AddRun(new RememberedBatch(lastSequence, offset + records - 1, records - 1, timestampMs));
    }

    /// <summary>Adds the producers of a snapshot that are not known yet: those whose batches are no longer in the log.</summary>
    internal void Merge(IReadOnlyList<ProducerState> snapshot)
    {
        foreach (ProducerState state in snapshot)
        {
            if (_byId is null || !_byId.ContainsKey(state.ProducerId))
            {
                // Its last append is not known by this clock; it gets the whole time again, since a restart may have kept it waiting.
                state.SeenTicksMs = Environment.TickCount64;
                if (batching == Batching.Record)
                {
                    state.TakeAsRuns();
                }

                Insert(state);
            }
        }
    }

    /// <summary>Behind a replay: forgets those whose last batch is furthest back, as many as there are too many of.</summary>
    internal void CutToLimit()
    {
        int surplus = limits.Count - limits.ProducersMax;
        if (surplus <= 0 || _byId is null)
        {
            return;
        }

        foreach (ProducerState state in _byId.Values.OrderBy(one => one.Count == 0 ? -1 : one[one.Count - 1].LastOffset).Take(surplus).ToArray())
        {
            _byId.Remove(state.ProducerId);
            limits.Add(-1);
        }
    }

    /// <summary>Forgets who has not appended for the time configured; looks no more often than that or the interval given.</summary>
    internal void RemoveExpired(long nowTicksMs, long intervalMs)
    {
        if (_byId is null || _released || nowTicksMs - _sweptTicksMs < Math.Min(intervalMs, limits.ExpirationMs))
        {
            return;
        }

        _sweptTicksMs = nowTicksMs;
        foreach ((long id, ProducerState state) in _byId)
        {
            if (nowTicksMs - state.SeenTicksMs >= limits.ExpirationMs)
            {
                _byId.Remove(id);
                limits.Add(-1);
            }
        }
    }

    /// <summary>The partition is gone: what it remembered does not count any more.</summary>
    internal void Release()
    {
        if (!_released)
        {
            _released = true;
            limits.Add(-Count);
        }
    }

    private static bool Refuse(AppendOutcome outcome, out AppendResult refusal)
    {
        refusal = new AppendResult(outcome, -1, RecordBatch.NoTimestamp);
        return false;
    }

    private ProducerState Seen(ReadOnlySpan<byte> batch, long timestampMs)
    {
        ProducerState state = GetOrAdd(RecordBatch.ProducerId(batch));
        state.SeenTicksMs = Environment.TickCount64;
        state.SetEpoch(RecordBatch.ProducerEpoch(batch), timestampMs);
        return state;
    }

    private ProducerState GetOrAdd(long producerId)
    {
        if (_byId is not null && _byId.TryGetValue(producerId, out ProducerState? known))
        {
            return known;
        }

        ProducerState added = new(producerId);
        Insert(added);
        return added;
    }

    private void Insert(ProducerState state)
    {
        _byId ??= [];
        _byId.Add(state.ProducerId, state);
        limits.Add(1);
    }
}
