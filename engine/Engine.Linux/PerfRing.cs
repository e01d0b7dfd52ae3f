using System.Buffers.Binary;

namespace Engine.Linux;

/// <summary>
/// The records of some tracepoints of one thread, in the order in which they happened, in a ring that the kernel writes and that is read from time to time.
/// What does not fit because nobody read is lost, and known to be: each event is counted besides. Used by one thread.
/// </summary>
public sealed class PerfRing : IDisposable
{
    /// <summary>The call that fails with EPERM where more memory may not be locked.</summary>
    public const string MapCall = PerfBuffer.MapCall;
    private const int TimeAt = PerfRecords.HeaderBytes + 8; // behind pid and tid
    private const int PayloadAt = TimeAt + 8 + 4; // behind the size of what follows

    private readonly List<(long Tracepoint, FileDescriptor Event)> _events = [];
    private readonly PerfBuffer? _buffer;
    private bool _hasLost;

    /// <param name="pages">Of the ring; a power of two.</param>
    /// <exception cref="LinuxException">As <see cref="PerfEvents.Count"/>; EPERM also where more memory may not be locked (perf_event_mlock_kb).</exception>
    public PerfRing(int thread, IEnumerable<long> tracepoints, int pages)
    {
        Thread = thread;
        try
        {
            foreach (long tracepoint in tracepoints)
            {
                FileDescriptor opened = PerfEvents.Record(tracepoint, thread);
                _events.Add((tracepoint, opened));
                if (_buffer is null)
                {
                    _buffer = new PerfBuffer(opened, pages);
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
    public void Drain(OnRecord take) => _buffer?.Drain((type, record) =>
    {
        if (type == PerfRecords.Sample)
        {
            take(BinaryPrimitives.ReadInt64LittleEndian(record[TimeAt..]), _hasLost, record[PayloadAt..]);
            _hasLost = false;
        }
        else if (type == PerfRecords.Lost)
        {
            _hasLost = true;
        }
    });

    public void Dispose()
    {
        _buffer?.Dispose();
        _events.ForEach(e => e.Event.Dispose());
        _events.Clear();
    }
}
