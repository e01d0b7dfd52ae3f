using Engine.Linux;
using Results;

namespace Harness.Measure;

/// <param name="Directory">Of the filesystem to be measured.</param>
/// <param name="FileBytes">Size of the file that all passes run over.</param>
/// <param name="PassSeconds">Counted of each figure in a pass.</param>
public sealed record DiskOptions(string Directory, long FileBytes, double PassSeconds);

/// <summary>
/// The disk under a folder, one request at a time (queue depth 1) from one thread: sequential and random, direct (O_DIRECT, past the page cache) by block
/// size; buffered writes with one fsync at the end of each pass, which is in its time; and the latency of an fdatasync after each small append. Every write
/// overwrites blocks that are allocated; the fsync latency alone is of a growing file, as a log's is.
/// <para>The file is made anew in each pass. Belongs to one thread.</para>
/// </summary>
public sealed class DiskPasses
{
    private const int LargestBlockBytes = 1 << 20;
    private const int AppendBytes = 4096;

    private static readonly int[] SequentialBlocks = [4 << 10, 64 << 10, 1 << 20];
    private static readonly int[] RandomBlocks = [4 << 10, 64 << 10];

    private readonly DiskOptions _options;
    private readonly AlignedBuffer _buffer = new(LargestBlockBytes);
    private readonly Random _random = new(1);

    public DiskPasses(DiskOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentException.ThrowIfNullOrEmpty(options.Directory);
        ArgumentOutOfRangeException.ThrowIfLessThan(options.FileBytes, LargestBlockBytes);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(options.PassSeconds);
        _options = options;
    }

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
        double rate = TimedLoop.Rate(
            _options.PassSeconds,
            () =>
            {
                transfer(direct, _buffer.Span[..block], position());
                return block;
            },
            cancel,
            out double cpu);
        book.Add(subject, rate, cpu);
    }

    /// <summary>
    /// A part of the file is written and then made durable, again and again until the time is over: the fsync of a part is as long as its write-back, so that the
    /// rate is the disk's and not the memory's.
    /// </summary>
    private void Buffered(ProbeBook book, ProbeFile file, ProbeSubject subject, Func<long> position, CancellationToken cancel)
    {
        int block = subject.BlockBytes!.Value;
        long part = Math.Min(_options.FileBytes / 4, subject.Kind.Contains("random", StringComparison.Ordinal) ? 512L * block : 32 << 20);
        Files.Sync(file.Buffered);
        double rate = TimedLoop.Rate(
            _options.PassSeconds,
            () =>
            {
                long written = 0;
                for (; written < part; written += block)
                {
                    Files.WriteAt(file.Buffered, _buffer.Span[..block], position());
                }

                Files.Sync(file.Buffered);
                return written;
            },
            cancel,
            out double cpu);
        book.Add(subject, rate, cpu);
    }

    private void Flushes(ProbeBook book, ProbeFile file, CancellationToken cancel)
    {
        List<double> nanos = [];
        long at = Files.Length(file.Buffered);
        TimedLoop.Rate(
            _options.PassSeconds,
            () =>
            {
                Files.WriteAt(file.Buffered, _buffer.Span[..AppendBytes], at);
                at += AppendBytes;
                long begin = MonotonicClock.Nanos();
                Files.SyncData(file.Buffered);
                nanos.Add(MonotonicClock.Nanos() - begin);
                return AppendBytes;
            },
            cancel,
            out _);
        nanos.Sort();
        foreach ((string name, string kind, double share) in (ReadOnlySpan<(string, string, double)>)[("median", "p50", 0.5), ("p99", "p99", 0.99), ("longest", "max", 1)])
        {
            ProbeSubject subject = new($"fsync-{kind}", ProbeGroups.Disk, $"fdatasync after an append, {name}", ProbeUnit.Nanoseconds, AppendBytes);
            book.Add(subject, Percentile(nanos, share));
        }
    }

    /// <summary>The smallest value that at least such a share of all values does not exceed.</summary>
    internal static double Percentile(IReadOnlyList<double> sorted, double share) =>
        sorted[Math.Clamp((int)Math.Ceiling(share * sorted.Count) - 1, 0, sorted.Count - 1)];
}
