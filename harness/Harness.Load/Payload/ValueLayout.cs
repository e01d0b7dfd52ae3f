namespace Harness.Load;

/// <summary>
/// The value of a generated message: producer (int32 at 0), sequence (int64 at 4), stamp (int64 at 12, CLOCK_MONOTONIC
/// nanoseconds), then filler (<see cref="Filler"/>). Little endian, because every machine this runs on is, and a header is written
/// and compared in plain words. <para>The sequence counts from 0 for each producer and partition, so a reader of a partition expects
/// 0, 1, 2, … from each producer.</para>
/// </summary>
internal static class ValueLayout
{
    public const int ProducerAt = 0;
    public const int SequenceAt = 4;
    public const int StampAt = 12;
    public const int HeaderBytes = 20;

    /// <summary>From this size on the first filler word is whole, and with it any change of header or stamp is certain to show.</summary>
    public const int WholeWordBytes = HeaderBytes + sizeof(ulong);

    /// <summary>Shorter values carry no header: they can be counted, not recognised.</summary>
    public static bool HasIdentity(int valueBytes) => valueBytes >= HeaderBytes;
}
