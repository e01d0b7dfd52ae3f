namespace Engine.Storage;

/// <summary>
/// How long and how many producers are remembered, over all partitions of a data directory: the partitions share one count, so that no client can
/// fill the memory by making up producer ids. Any thread.
/// </summary>
public sealed class ProducerLimits
{
    /// <summary>Kafka's <c>producer.id.expiration.ms</c>.</summary>
    public const long DefaultExpirationMs = 86_400_000;

    /// <summary>An entry takes about 230 bytes: these are 115 MB.</summary>
    public const int DefaultProducersMax = 500_000;

    /// <summary>Kafka's <c>producer.id.expiration.check.interval.ms</c>.</summary>
    internal const long CheckIntervalMs = 600_000;

    /// <summary>A full table is looked through at most this often.</summary>
    private const long SweepIntervalMs = 10_000;

    private int _count;
    private long _sweptTicksMs = -SweepIntervalMs;

    /// <summary>A producer that has not appended to a partition for so long is forgotten there.</summary>
    public long ExpirationMs { get; init; } = DefaultExpirationMs;

    /// <summary>The most pairs of producer and partition that are remembered.</summary>
    public int ProducersMax { get; init; } = DefaultProducersMax;

    /// <summary>Pairs of producer and partition that are remembered now.</summary>
    public int Count => Volatile.Read(ref _count);

    internal bool IsFull => Count >= ProducersMax;

    internal void Add(int producers) => Interlocked.Add(ref _count, producers);

    /// <summary>True when the table is full and it is this caller's turn to have the expired looked for in all partitions.</summary>
    internal bool SweepIsDue()
    {
        long now = Environment.TickCount64;
        long last = Volatile.Read(ref _sweptTicksMs);
        return now - last >= SweepIntervalMs && Interlocked.CompareExchange(ref _sweptTicksMs, now, last) == last;
    }
}
