namespace Harness.Load;

/// <summary>
/// When the batches of one producer to one partition were due to be sealed, for one group that has not been delivered them yet: the time does not
/// travel in the batch, so it goes beside it, by the sequences that the batch holds.
/// <para>
/// Written by the producer's thread before a batch leaves, read by the consumer's when it comes, once a batch each, under a lock of its own. What has
/// been passed is forgotten; what is ahead is the group's lag in batches, and no more than <see cref="KeptMax"/> of them are remembered.
/// </para>
/// </summary>
internal sealed class SealTimes
{
    /// <summary>16 MiB of times; a reader further behind has no tail latency to speak of.</summary>
    public const int KeptMax = 1 << 20;

    private readonly Lock _gate = new();
    private readonly Queue<(long FirstSequence, long ThroughSequence, long DueNanos)> _ahead = new();

    /// <param name="throughSequence">The sequence behind the batch's last.</param>
    public void Add(long firstSequence, long throughSequence, long dueNanos)
    {
        lock (_gate)
        {
            if (_ahead.Count == KeptMax)
            {
                _ahead.Dequeue();
            }

            _ahead.Enqueue((firstSequence, throughSequence, dueNanos));
        }
    }

    /// <summary>
    /// Of the batch that was sealed with a message in it; a broker may have stored it in parts. Sequences are asked for in ascending order. False
    /// where they do not come from one batch whose time is still known.
    /// </summary>
    public bool TryFind(long sequence, int count, out long dueNanos)
    {
        lock (_gate)
        {
            (long FirstSequence, long ThroughSequence, long DueNanos) first;
            while (_ahead.TryPeek(out first) && first.ThroughSequence <= sequence)
            {
                _ahead.Dequeue();
            }

            dueNanos = first.DueNanos;
            return first.FirstSequence <= sequence && first.ThroughSequence >= sequence + count;
        }
    }
}
