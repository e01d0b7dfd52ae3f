namespace Harness.Load;

/// <summary>
/// What one producer sent and what was acknowledged to it, by partition. Written by the producer's thread; how much was sent may be read by
/// any, the rest when that thread has ended.
/// </summary>
internal sealed class ProducerLedger
{
    private readonly long[] _sentThrough;
    private readonly RangeSet[] _acknowledged;
    private readonly RangeSet[] _acknowledgedOffsets;
    private readonly PartitionVerifier[][] _groups;
    private readonly int _producer;
    private readonly bool _byOffset;

    /// <param name="groups">The verifiers to tell, by group and partition.</param>
    /// <param name="byOffset">True for values without identity: what was acknowledged is then known by offset alone.</param>
    public ProducerLedger(int producer, int partitions, PartitionVerifier[][] groups, bool byOffset)
    {
        _producer = producer;
        _groups = groups;
        _byOffset = byOffset;
        _sentThrough = new long[partitions];
        _acknowledged = [.. Enumerable.Range(0, partitions).Select(_ => new RangeSet())];
        _acknowledgedOffsets = [.. Enumerable.Range(0, partitions).Select(_ => new RangeSet())];
    }

    /// <summary>Messages sent to a partition: the sequences below this may turn up at a consumer.</summary>
    public long SentThrough(int partition) => Volatile.Read(ref _sentThrough[partition]);

    public RangeSet AcknowledgedSequences(int partition) => _acknowledged[partition];

    /// <summary>Kept for values without identity only.</summary>
    public RangeSet AcknowledgedOffsets(int partition) => _acknowledgedOffsets[partition];

    /// <summary>To be called before the messages leave, so that they are known when they arrive.</summary>
    public void Sent(int partition, long throughSequence) => Volatile.Write(ref _sentThrough[partition], throughSequence);

    /// <summary>When a batch was due to be sealed, for what its latency is from then on. To be called before its messages leave.</summary>
    /// <param name="throughSequence">The sequence behind its last.</param>
    public void SealDue(int partition, long firstSequence, long throughSequence, long dueNanos)
    {
        foreach (PartitionVerifier[] group in _groups)
        {
            group[partition].SealDue(_producer, firstSequence, throughSequence, dueNanos);
        }
    }

    public void Acknowledged(int partition, long baseOffset, long firstSequence, int count)
    {
        _acknowledged[partition].Add(firstSequence, firstSequence + count);
        if (_byOffset)
        {
            _acknowledgedOffsets[partition].Add(baseOffset, baseOffset + count);
        }

        foreach (PartitionVerifier[] group in _groups)
        {
            group[partition].Acknowledged(_producer, new AckRun(firstSequence, baseOffset, count, Suspect: false));
        }
    }
}
