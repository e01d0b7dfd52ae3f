using System.Runtime.CompilerServices;
using Engine.Wire;

namespace Harness.Load;

/// <summary>
/// One message's value, written straight into the batch when it is sent: header and filler, or for values too short for a header
/// filler alone. Its identity is all it holds.
/// </summary>
internal readonly struct GeneratedValue : IRecordValue
{
    private readonly ValueRun _run;
    private readonly long _sequence;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public GeneratedValue(ValueRun run, long sequence)
    {
        _run = run;
        _sequence = sequence;
    }

    public int Length => _run.ValueBytes;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Write(ref byte destination)
    {
        ulong firstWord = _run.FirstWord(_sequence);
        int fillerBytes = Length;
        if (fillerBytes >= ValueLayout.HeaderBytes)
        {
            fillerBytes -= ValueLayout.HeaderBytes;
            Unsafe.WriteUnaligned(ref destination, _run.Producer);
            Unsafe.WriteUnaligned(ref Unsafe.Add(ref destination, ValueLayout.SequenceAt), _sequence);
            Unsafe.WriteUnaligned(ref Unsafe.Add(ref destination, ValueLayout.StampAt), _run.StampNanos);
            destination = ref Unsafe.Add(ref destination, ValueLayout.HeaderBytes);
        }

        Filler.Write(ref destination, fillerBytes, firstWord);
    }
}
