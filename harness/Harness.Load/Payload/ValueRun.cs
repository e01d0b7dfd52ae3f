using System.Runtime.CompilerServices;

namespace Harness.Load;

/// <summary>The values of a stream that carry one stamp: what they share, computed once.</summary>
internal readonly struct ValueRun
{
    private readonly ValueStream _stream;

    public ValueRun(ValueStream stream, long stampNanos, int valueBytes)
    {
        _stream = stream;
        StampNanos = stampNanos;
        ValueBytes = valueBytes;
        StampTerm = ValueStream.StampTerm(stampNanos);
    }

    public int Producer => _stream.Producer;
    public long StampNanos { get; }
    public int ValueBytes { get; }
    private ulong StampTerm { get; }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public ulong FirstWord(long sequence) => _stream.FirstWord(sequence, StampTerm);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public GeneratedValue Value(long sequence) => new(this, sequence);

    /// <summary>The same stream's values with another stamp.</summary>
    public ValueRun At(long stampNanos) => new(_stream, stampNanos, ValueBytes);

    /// <summary>The stamp of a value with a header.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static long Stamp(ref byte value) => Unsafe.ReadUnaligned<long>(ref Unsafe.Add(ref value, ValueLayout.StampAt));

    /// <summary>True when the filler is no longer than its two words.</summary>
    public bool IsShort => FillerBytes <= Filler.WordsBytes;

    /// <summary>Compares every byte of a value that has a header with the one sent at its stamp: 0 when they are equal.</summary>
    public ulong Difference(ref byte value, long sequence) =>
        HeaderDifference(ref value, sequence) | Filler.Difference(ref FillerOf(ref value), FillerBytes, FirstWord(sequence));

    /// <summary>The same for a filler that is known to be of a kind.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public ulong Difference<TKind>(ref byte value, long sequence)
        where TKind : struct, Filler.IKind =>
        HeaderDifference(ref value, sequence) | TKind.Difference(ref FillerOf(ref value), FillerBytes, FirstWord(sequence));

    private int FillerBytes => ValueBytes - ValueLayout.HeaderBytes;

    private static ref byte FillerOf(ref byte value) => ref Unsafe.Add(ref value, ValueLayout.HeaderBytes);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private ulong HeaderDifference(ref byte value, long sequence) =>
        (uint)(Unsafe.ReadUnaligned<int>(ref value) ^ Producer)
        | (ulong)(Unsafe.ReadUnaligned<long>(ref Unsafe.Add(ref value, ValueLayout.SequenceAt)) ^ sequence);
}
