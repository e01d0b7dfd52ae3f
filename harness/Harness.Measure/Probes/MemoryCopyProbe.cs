using Results;

namespace Harness.Measure;

/// <summary>
/// Copies memory from one buffer to another, both far larger than the caches and touched before: recycled pages. Once with one thread, and once with one on
/// every processor, which is what a run can move in all. Each thread has buffers of its own.
/// </summary>
public sealed class MemoryCopyProbe
{
    /// <summary>Of one thread: half is read and half is written.</summary>
    public const int DefaultBufferBytes = 128 << 20;

    private const int BlockBytes = 512 << 10;

    private readonly byte[][] _buffers;

    public MemoryCopyProbe(int bufferBytes = DefaultBufferBytes)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(bufferBytes, 2 * BlockBytes);
        _buffers = [.. Enumerable.Range(0, Environment.ProcessorCount).Select(_ => Touched(bufferBytes))];
    }

    public static ProbeSubject OneThread { get; } = new("memory-copy", ProbeGroups.Memory, "memory copy, one thread", ProbeUnit.BytesPerSecond, BlockBytes);

    public static ProbeSubject AllThreads { get; } = new("memory-copy-all", ProbeGroups.Memory, "memory copy, a thread on each CPU", ProbeUnit.BytesPerSecond, BlockBytes);

    public void Pass(ProbeBook book, double seconds, CancellationToken cancel)
    {
        ArgumentNullException.ThrowIfNull(book);
        double one = TimedLoop.Rate(seconds, new Copier(_buffers[0]).Step, cancel, out double cpu);
        book.Add(OneThread, one, cpu);
        book.Add(AllThreads, Together(seconds, cancel));
    }

    /// <summary>Bytes a second that all processors copy together.</summary>
    public double Together(double seconds, CancellationToken cancel)
    {
        double[] rates = new double[_buffers.Length];
        Thread[] threads = [.. _buffers.Select((buffer, i) => new Thread(() =>
            rates[i] = TimedLoop.Rate(seconds, new Copier(buffer).Step, CancellationToken.None, out _))
        {
            Name = "probe memory copy",
            IsBackground = true,
        })];
        Array.ForEach(threads, static thread => thread.Start());
        Array.ForEach(threads, static thread => thread.Join());
        cancel.ThrowIfCancellationRequested();
        return rates.Sum();
    }

    private static byte[] Touched(int bytes)
    {
        byte[] buffer = GC.AllocateUninitializedArray<byte>(bytes, pinned: true);
        Array.Fill(buffer, (byte)1);
        return buffer;
    }

    private sealed class Copier(byte[] buffer)
    {
        private readonly int _blocks = buffer.Length / 2 / BlockBytes;
        private int _next;

        public long Step()
        {
            int at = _next * BlockBytes;
            buffer.AsSpan(at, BlockBytes).CopyTo(buffer.AsSpan((_blocks * BlockBytes) + at, BlockBytes));
            _next = (_next + 1) % _blocks;
            return BlockBytes;
        }
    }
}
