using BenchmarkDotNet.Attributes;
using Engine.Storage;
using Engine.Wire;

namespace Engine.Benchmarks;

/// <summary>The log: appending a batch, and finding where an offset lies.</summary>
[MemoryDiagnoser]
public class StoragePaths
{
    private const int IndexEntries = 4096;
    private const int EntryOffsets = 100;

    private readonly byte[] _batch = MakeBatch();
    private readonly OffsetIndex _index = new(new LogConfig());
    private string _folder = "";
    private LogManager? _manager;
    private PartitionLog? _log;
    private int _wanted;

    [GlobalSetup]
    public void SetUp()
    {
        _folder = Directory.CreateTempSubdirectory("engine-benchmarks-").FullName;

        // As a ring, so that minutes of appending do not fill the disk.
        LogConfig config = new() { SegmentBytes = 256 << 20, RetentionBytes = 512 << 20 };
        _manager = LogManager.Open(_folder, config, static _ => { }, null, null);
        _manager.Create("bench", 1, new Dictionary<string, string?>(), out _);
        _manager.TryGet("bench", out Topic? topic);
        _log = topic!.Partition(0);
        for (int i = 1; i <= IndexEntries; i++)
        {
            _index.OnAppend(i * EntryOffsets, i * 5000, 5000);
        }
    }

    [GlobalCleanup]
    public void CleanUp()
    {
        _manager?.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    /// <summary>A batch of 4 KiB; with the roll of a segment every 64,000th time.</summary>
    [Benchmark]
    [AllocationLimit(0)]
    public long Append() => _log!.Append(_batch);

    [Benchmark]
    [AllocationLimit(0)]
    public long IndexLookup()
    {
        _wanted = (_wanted + 7919) % (IndexEntries * EntryOffsets);
        return _index.Floor(_wanted);
    }

    private static byte[] MakeBatch()
    {
        const int Capacity = 4096;
        byte[] buffer = new byte[Capacity + RecordBatchBuilder.ScratchBytes];
        RecordBatchBuilder builder = new();
        builder.Begin(buffer, 0, Capacity, DateTimeOffset.UtcNow.ToUnixTimeMilliseconds());
        while (builder.TryAppend(new Zeros()))
        {
        }

        return builder.Seal().ToArray();
    }

    private readonly struct Zeros : IRecordValue
    {
        public int Length => 100;

        public void Write(ref byte destination) => System.Runtime.InteropServices.MemoryMarshal.CreateSpan(ref destination, Length).Clear();
    }
}
