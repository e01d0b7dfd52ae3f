using System.Runtime.CompilerServices;

namespace Harness.Load;

/// <summary>
/// Everything that one producer sends to one partition in one run, as the key from which its fillers are computed. Producer and
/// consumer derive it alike from the run's seed, so nothing but the seed passes between them.
/// </summary>
internal readonly struct ValueStream
{
    private const ulong SequenceFactor = 0x9E3779B97F4A7C15;
    private const ulong StampFactor = 0xD1342543DE82EF95;
    private const ulong WordFactor = 0xBF58476D1CE4E5B9;

    private readonly ulong _key;

    public ValueStream(long seed, int producer, int partition)
    {
        _key = Mix(Mix((ulong)seed) ^ (((ulong)(uint)producer << 32) | (uint)partition));
        Producer = producer;
    }

    public int Producer { get; }

    /// <summary>What the stamp adds to the first word: computed once for all messages of a stamp.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong StampTerm(long stampNanos) => (ulong)stampNanos * StampFactor;

    /// <summary>
    /// The first filler word of a message. Different for any two sequences at one stamp and any two stamps at one sequence (each step is a
    /// bijection): the stamp, which the consumer cannot compute, is thereby checked like everything else. One multiplication behind the
    /// sum is enough for what no compressor can shorten, and more would be felt at tens of millions a second.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public ulong FirstWord(long sequence, ulong stampTerm)
    {
        ulong x = (_key + ((ulong)sequence * SequenceFactor)) ^ stampTerm;
        x = (x ^ (x >> 32)) * WordFactor;
        return x ^ (x >> 32);
    }

    /// <summary>The finalizer of splitmix64.</summary>
    private static ulong Mix(ulong x)
    {
        x = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9;
        x = (x ^ (x >> 27)) * 0x94D049BB133111EB;
        return x ^ (x >> 31);
    }
}
