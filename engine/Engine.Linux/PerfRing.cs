using System.Buffers.Binary;

namespace Engine.Linux;

/// <summary>
/// The records of some tracepoints of one thread, in the order in which they happened, in a ring that the kernel writes and that is read from time to time.
/// What does not fit because nobody read is lost, and known to be: each event is counted besides. Used by one thread.
/// </summary>
public sealed unsafe class PerfRing : IDisposable
{
    /// <summary>The call that fails with EPERM where more memory may not be locked.</summary>
    public const string MapCall = "mmap of a perf event";
    private const int ProtectionReadWrite = 3;
    private const int MapShared = 1;
    private const int HeadAt = 1024; // struct perf_event_mmap_page: data_head
    private const int TailAt = 1032; // data_tail
    private const int HeaderBytes = 8;
    private const uint TypeLost = 2;
    private const uint TypeSample = 9;
    private const int PayloadAt = HeaderBytes + 8 + 8 + 4; // pid, tid; time; the size of what follows
    private static readonly int PageBytes = Environment.SystemPageSize;

    private readonly List<(long Tracepoint, FileDescriptor Event)> _events = [];
    private readonly int _dataBytes;
    private readonly byte[] _record = new byte[ushort.MaxValue];
    private byte* _map;
    private bool _hasLost;

    /// <param name="pages">Of the ring; a power of two.</param>
    /// <exception cref="LinuxException">As <see cref="PerfEvents.Count"/>; EPERM also where more memory may not be locked (perf_event_mlock_kb).</exception>
    public PerfRing(int thread, IEnumerable<long> tracepoints, int pages)
    {
        Thread = thread;
        _dataBytes = pages * PageBytes;
        try
        {
            foreach (long tracepoint in tracepoints)
            {
                FileDescriptor opened = PerfEvents.Record(tracepoint, thread);
                _events.Add((tracepoint, opened));
                if (_map == null)
                {
                    Map(opened);
                }
                else
                {
                    PerfEvents.Redirect(opened, _events[0].Event);
                }
            }
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>What is called with each record: the tracepoint's own bytes, whose layout its <c>format</c> file in tracefs tells.</summary>
    /// <param name="atNanos">CLOCK_MONOTONIC.</param>
    /// <param name="afterLoss">Between the record before and this one some did not fit.</param>
    public delegate void OnRecord(long atNanos, bool afterLoss, ReadOnlySpan<byte> payload);

    public int Thread { get; }

    /// <summary>How often some of its tracepoints were hit, exactly, lost records included.</summary>
    /// <exception cref="LinuxException">It cannot be read.</exception>
    public long Hits(Func<long, bool> counts) => _events.Where(e => counts(e.Tracepoint)).Sum(e => PerfEvents.ReadHits(e.Event));

    /// <summary>Hands over what has been recorded since the last call.</summary>
    public void Drain(OnRecord take)
    {
        if (_map == null)
        {
            return;
        }

        long head = Volatile.Read(ref *(long*)(_map + HeadAt));
        long tail = *(long*)(_map + TailAt);
        while (tail < head)
        {
            ReadOnlySpan<byte> header = Copy(tail, HeaderBytes);
            uint type = BinaryPrimitives.ReadUInt32LittleEndian(header);
            int size = BinaryPrimitives.ReadUInt16LittleEndian(header[6..]);
            ReadOnlySpan<byte> record = Copy(tail, size);
            if (type == TypeSample)
            {
                take(BinaryPrimitives.ReadInt64LittleEndian(record[16..]), _hasLost, record[PayloadAt..]);
                _hasLost = false;
            }
            else if (type == TypeLost)
            {
                _hasLost = true;
            }

            tail += size;
        }

        Volatile.Write(ref *(long*)(_map + TailAt), tail);
    }

    public void Dispose()
    {
        if (_map != null)
        {
            _ = Native.munmap(_map, (nuint)(PageBytes + _dataBytes));
            _map = null;
        }

        _events.ForEach(e => e.Event.Dispose());
        _events.Clear();
    }

    private void Map(FileDescriptor first)
    {
        nint map = Native.mmap(null, (nuint)(PageBytes + _dataBytes), ProtectionReadWrite, MapShared, first.Number, 0);
        if (map == -1)
        {
            LinuxException.Throw(MapCall);
        }

        _map = (byte*)map;
    }

    /// <summary>Bytes of the ring, which may lie around its end.</summary>
    private ReadOnlySpan<byte> Copy(long position, int length)
    {
        int at = (int)(position & (_dataBytes - 1));
        int first = Math.Min(length, _dataBytes - at);
        new ReadOnlySpan<byte>(_map + PageBytes + at, first).CopyTo(_record);
        new ReadOnlySpan<byte>(_map + PageBytes, length - first).CopyTo(_record.AsSpan(first));
        return _record.AsSpan(0, length);
    }
}
