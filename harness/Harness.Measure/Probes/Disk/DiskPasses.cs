using System.Globalization;
using Engine.Linux;
using Results;

namespace Harness.Measure;

/// <param name="Directory">Of the filesystem to be measured.</param>
/// <param name="FileBytes">Size of the file that all passes run over.</param>
/// <param name="PassSeconds">Counted of each figure in a pass.</param>
public sealed record DiskOptions(string Directory, long FileBytes, double PassSeconds)
{
    /// <summary>
    /// Called behind each figure with a path by which another process reaches the file that it was measured on. It answers whether it measured the same: then the
    /// figure is measured again, and is the mean of both, so that a disk that becomes faster or slower does so for both.
    /// </summary>
    public Func<ProbeSubject, string, bool>? Beside { get; init; }
}

/// <summary>
/// The disk under a folder, one request at a time (queue depth 1) from one thread: sequential and random, direct (O_DIRECT, past the page cache) by block
/// size; buffered writes with one fsync at the end of each pass, which is in its time; and the latency of an fdatasync after each small append. Every write
/// overwrites blocks that are allocated; one of the two fsync latencies alone is of a new file that grows, as a log's segment does.
/// <para>The file is made anew in each pass. Belongs to one thread.</para>
/// </summary>
public sealed class DiskPasses : IDisposable
{
    private const int LargestBlockBytes = 1 << 20;
    private const int FlushedBytes = 4096;

    private static readonly int[] SequentialBlocks = [4 << 10, 64 << 10, 1 << 20];
    private static readonly int[] RandomBlocks = [4 << 10, 64 << 10];

    private readonly DiskOptions _options;
    private readonly AlignedBuffer _buffer;
    private readonly Random _random = new(1);

    public DiskPasses(DiskOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentException.ThrowIfNullOrEmpty(options.Directory);
        ArgumentOutOfRangeException.ThrowIfLessThan(options.FileBytes, LargestBlockBytes);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(options.PassSeconds);
        _options = options;
        _buffer = new AlignedBuffer(LargestBlockBytes);
    }

    /// <summary>In words, what the figures of large direct transfers rest on.</summary>
    public string Buffer => _buffer.IsHuge
        ? "direct transfers from and into one huge page"
        : "direct transfers from and into small pages, because the kernel gave no huge one: large reads may come out lower";

    private delegate void Transfer(FileDescriptor file, Span<byte> block, long position);

    public void Pass(ProbeBook book, CancellationToken cancel)
    {
        ArgumentNullException.ThrowIfNull(book);
        cancel.ThrowIfCancellationRequested();
        using ProbeFile file = ProbeFile.Create(_options.Directory, _options.FileBytes, _buffer, cancel);
        foreach ((string kind, string name, Transfer transfer) in (ReadOnlySpan<(string, string, Transfer)>)[("write", "write", Write), ("read", "read", Read)])
        {
            foreach (int block in SequentialBlocks)
            {
                Direct(book, file, Subject($"disk-sequential-{kind}-direct", $"sequential {name}, direct", block), transfer, Sequential(block), cancel);
            }

            foreach (int block in RandomBlocks)
            {
                Direct(book, file, Subject($"disk-random-{kind}-direct", $"random {name}, direct", block), transfer, Anywhere(block), cancel);
            }
        }

        foreach (int block in SequentialBlocks)
        {
            Buffered(book, file, Subject("disk-sequential-write-fsync", "sequential write, buffered + fsync", block), Sequential(block), cancel);
        }

        foreach (int block in RandomBlocks)
        {
            Buffered(book, file, Subject("disk-random-write-fsync", "random write, buffered + fsync", block), Anywhere(block), cancel);
        }

        Flushes(book, file, cancel);
    }

    public void Dispose() => _buffer.Dispose();

    private static ProbeSubject Subject(string kind, string name, int block) => new(kind, ProbeGroups.Disk, name, ProbeUnit.BytesPerSecond, block);

    private static void Write(FileDescriptor file, Span<byte> block, long position) => Files.WriteAt(file, block, position);

    private static void Read(FileDescriptor file, Span<byte> block, long position)
    {
        if (Files.ReadAt(file, block, position) < block.Length)
        {
            throw new LinuxException("pread", Errno.EIO, "the disk probe's file ended early");
        }
    }

    private Func<long> Sequential(int block)
    {
        long next = 0;
        return () =>
        {
            long at = next + block > _options.FileBytes ? 0 : next;
            next = at + block;
            return at;
        };
    }

    private Func<long> Anywhere(int block)
    {
        long blocks = _options.FileBytes / block;
        return () => _random.NextInt64(blocks) * block;
    }

    private void Direct(ProbeBook book, ProbeFile file, ProbeSubject subject, Transfer transfer, Func<long> position, CancellationToken cancel)
    {
        if (file.Direct is not { } direct)
        {
            book.Missing(subject, file.WhyNotDirect ?? "");
            return;
        }

        int block = subject.BlockBytes!.Value;
        long Once()
        {
            transfer(direct, _buffer.Span[..block], position());
            return block;
        }

        Add(book, direct, subject, Once, cancel);
    }

    /// <summary>
    /// A part of the file is written and then made durable, again and again until the time is over: the fsync of a part is as long as its write-back, so that the
    /// rate is the disk's and not the memory's.
    /// </summary>
    private void Buffered(ProbeBook book, ProbeFile file, ProbeSubject subject, Func<long> position, CancellationToken cancel)
    {
        int block = subject.BlockBytes!.Value;
        long part = Math.Min(_options.FileBytes / 4, subject.Kind.Contains("random", StringComparison.Ordinal) ? 512L * block : 32 << 20);
        long Part()
        {
            long written = 0;
            for (; written < part; written += block)
            {
                Files.WriteAt(file.Buffered, _buffer.Span[..block], position());
            }

            Files.Sync(file.Buffered);
            return written;
        }

        Files.Sync(file.Buffered);
        Add(book, file.Buffered, subject, Part, cancel);
    }

    private void Add(ProbeBook book, FileDescriptor file, ProbeSubject subject, Func<long> body, CancellationToken cancel)
    {
        double rate = TimedLoop.Rate(_options.PassSeconds, body, cancel, out double cpu);
        if (Measured(subject, file))
        {
            rate = (rate + TimedLoop.Rate(_options.PassSeconds, body, cancel, out double cpuAgain)) / 2;
            cpu = (cpu + cpuAgain) / 2;
        }

        book.Add(subject, rate, cpu);
    }

    private bool Measured(ProbeSubject subject, FileDescriptor file) =>
        _options.Beside?.Invoke(subject, string.Create(CultureInfo.InvariantCulture, $"/proc/{Environment.ProcessId}/fd/{file.Number}")) == true;

    /// <summary>In place, over blocks that are there; and of a new file that grows, where the filesystem's journal is committed too.</summary>
    private void Flushes(ProbeBook book, ProbeFile file, CancellationToken cancel)
    {
        Flushes(book, file.Buffered, "fsync-in-place", "fdatasync after a write in place", Sequential(FlushedBytes), cancel);
        string path = Path.Combine(_options.Directory, $"disk-probe-{Environment.ProcessId}-{Guid.NewGuid():N}");
        using FileDescriptor growing = Files.Open(path, OpenFlags.ReadWrite | OpenFlags.Create | OpenFlags.Exclusive);
        Files.Remove(path);
        long end = 0;
        Flushes(book, growing, "fsync", "fdatasync after an append", () => (end += FlushedBytes) - FlushedBytes, cancel);
    }

    private void Flushes(ProbeBook book, FileDescriptor file, string kind, string name, Func<long> position, CancellationToken cancel)
    {
        ProbeSubject median = new($"{kind}-p50", ProbeGroups.Disk, $"{name}, median", ProbeUnit.Nanoseconds, FlushedBytes);
        List<double> nanos = Flushes(file, position, cancel);
        if (Measured(median, file))
        {
            nanos.AddRange(Flushes(file, position, cancel));
        }

        nanos.Sort();
        book.Add(median, Percentile(nanos, 0.5));
        book.Add(median with { Kind = $"{kind}-p99", Name = $"{name}, p99" }, Percentile(nanos, 0.99));
        book.Add(median with { Kind = $"{kind}-max", Name = $"{name}, longest" }, Percentile(nanos, 1));
    }

    private List<double> Flushes(FileDescriptor file, Func<long> position, CancellationToken cancel)
    {
        List<double> nanos = [];
        TimedLoop.Rate(
            _options.PassSeconds,
            () =>
            {
                Files.WriteAt(file, _buffer.Span[..FlushedBytes], position());
                long begin = MonotonicClock.Nanos();
                Files.SyncData(file);
                nanos.Add(MonotonicClock.Nanos() - begin);
                return FlushedBytes;
            },
            cancel,
            out _);
        return nanos;
    }

    /// <summary>The smallest value that at least such a share of all values does not exceed.</summary>
    internal static double Percentile(IReadOnlyList<double> sorted, double share) =>
        sorted[Math.Clamp((int)Math.Ceiling(share * sorted.Count) - 1, 0, sorted.Count - 1)];
}
