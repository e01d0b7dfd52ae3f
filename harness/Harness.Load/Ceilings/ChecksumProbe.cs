using Engine.Wire;
using Harness.Measure;
using Results;

namespace Harness.Load;

/// <summary>
/// CRC-32C of batches by the code that clients and engine use, one thread: of one batch that stays in the processor's caches, as one is that was just
/// received, and of one after the other out of more memory than the caches hold.
/// </summary>
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
        Add("crc-32c-cached", "CRC-32C of a batch in cache", Same);
        Add("crc-32c-memory", "CRC-32C of batches from memory", Next);

        void Add(string kind, string name, Func<long> body)
        {
            double rate = TimedLoop.Rate(seconds, body, cancel, out double cpu);
            book.Add(new ProbeSubject(kind, ProbeGroups.Memory, name, ProbeUnit.BytesPerSecond, _batchBytes), rate, cpu);
        }
    }

    private long Next()
    {
        _at = _at + (2 * _batchBytes) > MemoryBytes ? 0 : _at + _batchBytes;
        return Same();
    }

    private long Same()
    {
        // What is used by nothing might be left out by the compiler.
        _sum ^= Crc32C.Compute(_memory.AsSpan(_at, _batchBytes));
        return _batchBytes;
    }
}
