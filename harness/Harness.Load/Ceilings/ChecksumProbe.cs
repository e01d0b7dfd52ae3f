using Engine.Wire;
using Harness.Measure;
using Results;

namespace Harness.Load;

/// <summary>CRC-32C of one batch after the other, by the code that clients and engine use: one thread, over more memory than the caches hold.</summary>
public sealed class ChecksumProbe
{
    private const int MemoryBytes = 64 << 20;

    private readonly byte[] _memory = GC.AllocateUninitializedArray<byte>(MemoryBytes, pinned: true);
    private readonly int _batchBytes;
    private int _at;
    private uint _sum;

    public ChecksumProbe(int batchBytes)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(batchBytes, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(batchBytes, MemoryBytes);
        _batchBytes = batchBytes;
        new Random(1).NextBytes(_memory);
    }

    public void Pass(ProbeBook book, double seconds, CancellationToken cancel)
    {
        ArgumentNullException.ThrowIfNull(book);
        double rate = TimedLoop.Rate(seconds, Step, cancel, out double cpu);
        book.Add(new ProbeSubject("crc-32c", ProbeGroups.Memory, "CRC-32C, one thread", ProbeUnit.BytesPerSecond, _batchBytes), rate, cpu);
    }

    private long Step()
    {
        _at = _at + (2 * _batchBytes) > MemoryBytes ? 0 : _at + _batchBytes;

        // What is used by nothing might be left out by the compiler.
        _sum ^= Crc32C.Compute(_memory.AsSpan(_at, _batchBytes));
        return _batchBytes;
    }
}
