using System.Runtime.CompilerServices;
using Engine.Wire;

namespace Harness.Load;

/// <summary>
/// One message's value, written straight into the batch when it is sent: header and filler, or for values too short for a header
/// filler alone. Its identity is all it holds.
/// </summary>
internal readonly struct GeneratedValue : IRecordValue
{
    private readonly ValueStream _stream;
    private readonly long _sequence;
    private readonly long _stampNanos;
    private readonly ulong _stampTerm;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public GeneratedValue(ValueStream stream, long sequence, long stampNanos, int valueBytes)
    {
        _stream = stream;
        _sequence = sequence;
        _stampNanos = stampNanos;
        _stampTerm = ValueStream.StampTerm(stampNanos);
        Length = valueBytes;
    }

    public int Length { get; }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Write(ref byte destination)
    {
        ulong firstWord = _stream.FirstWord(_sequence, _stampTerm);
        int fillerBytes = Length;
        if (fillerBytes >= ValueLayout.HeaderBytes)
        {
            fillerBytes -= ValueLayout.HeaderBytes;
            Unsafe.WriteUnaligned(ref destination, _stream.Producer);
            Unsafe.WriteUnaligned(ref Unsafe.Add(ref destination, ValueLayout.SequenceAt), _sequence);
            Unsafe.WriteUnaligned(ref Unsafe.Add(ref destination, ValueLayout.StampAt), _stampNanos);
            destination = ref Unsafe.Add(ref destination, ValueLayout.HeaderBytes);
        }

        Filler.Write(ref destination, fillerBytes, firstWord);
    }
}
