namespace Engine.Storage;

/// <summary>
/// How long and how many producers are remembered, over all partitions of a data directory: the partitions share one count, so that no client can
/// fill the memory by making up producer ids. Any thread.
/// </summary>
public sealed class ProducerLimits
{
    /// <summary>Kafka's <c>producer.id.expiration.ms</c>.</summary>
    public const int DefaultExpirationMs = 86_400_000;

    /// <summary>An entry takes about 230 bytes: these are 115 MB.</summary>
    public const int DefaultProducersMax = 500_000;

    /// <summary>Kafka's <c>producer.id.expiration.check.interval.ms</c>.</summary>
    internal const long CheckIntervalMs = 600_000;

    private int _count;
    private long _sweptTicksMs = long.MinValue / 2;

    /// <summary>A producer that has not appended to a partition for so long is forgotten there.</summary>
    public long ExpirationMs { get; init; } = DefaultExpirationMs;

    /// <summary>The most pairs of producer and partition that are remembered.</summary>
    public int ProducersMax { get; init; } = DefaultProducersMax;

    /// <summary>A full table is looked through at most this often.</summary>
    internal long SweepIntervalMs { get; init; } = 10_000;

    /// <summary>Pairs of producer and partition that are remembered now.</summary>
    public int Count => Volatile.Read(ref _count);

    /// <summary>Has the expired looked for in all partitions, at once or soon; the manager's, who knows them.</summary>
    internal Action? Sweep { get; set; }

    internal void Add(int producers) => Interlocked.Add(ref _count, producers);

    /// <summary>True when no more can be remembered; a sweep that may make room for the next is then under way.</summary>
    internal bool IsFullForNow()
    {
        if (Count < ProducersMax)
        {
            return false;
        }

        long now = Environment.TickCount64;
        long last = Volatile.Read(ref _sweptTicksMs);
        if (now - last >= SweepIntervalMs && Interlocked.CompareExchange(ref _sweptTicksMs, now, last) == last)
        {
            Sweep?.Invoke();
        }

        return true;
    }
}
