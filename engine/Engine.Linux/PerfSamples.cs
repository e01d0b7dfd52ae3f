using System.Buffers.Binary;
using System.Runtime.InteropServices;

namespace Engine.Linux;

/// <summary>
/// What threads were doing on one processor, some hundred times for each second of CPU time that they used: samples of <see cref="PerfEvents.Sample"/>, in a ring that
/// the kernel writes and that is read from time to time. One ring a processor and not a thread, as events that are inherited must be bound to one. Used by one thread.
/// </summary>
public sealed class PerfSamples : IDisposable
{
    private const int ProcessAt = PerfRecords.HeaderBytes + 8; // behind the instruction's address
    private const int CountAt = ProcessAt + 8; // behind pid and tid
    private const int StackAt = CountAt + 8;
    private const int LostAt = PerfRecords.HeaderBytes + 8; // behind the event's id

    private readonly PerfBuffer _buffer;

    /// <param name="events">All of them on this processor, of any threads. They stay their owner's.</param>
    /// <param name="pages">Of the ring; a power of two.</param>
    /// <exception cref="LinuxException">EPERM: more memory may not be locked (perf_event_mlock_kb).</exception>
    public PerfSamples(IReadOnlyList<FileDescriptor> events, int pages)
    {
        ArgumentNullException.ThrowIfNull(events);
        _buffer = new PerfBuffer(events[0], pages);
        try
        {
            foreach (FileDescriptor other in events.Skip(1))
            {
                PerfEvents.Redirect(other, events[0]);
            }
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <param name="process">A child's id where a child was sampled.</param>
    /// <param name="stack">Addresses, the innermost first; markers (<see cref="KernelContext"/> and the like) say what the addresses behind them are.</param>
    public delegate void OnSample(int process, ReadOnlySpan<ulong> stack);

    /// <summary>Marks in a stack: what follows are addresses of the kernel (PERF_CONTEXT_KERNEL).</summary>
    public const ulong KernelContext = unchecked((ulong)-128L);

    /// <summary>Marks in a stack: what follows are addresses of the process (PERF_CONTEXT_USER).</summary>
    public const ulong UserContext = unchecked((ulong)-512L);

    /// <summary>From here on an entry of a stack is a mark and no address (PERF_CONTEXT_MAX).</summary>
    public const ulong ContextMin = unchecked((ulong)-4095L);

    /// <summary>Samples for which there was no room.</summary>
    public long Lost { get; private set; }

    /// <summary>Hands over what has been recorded since the last call.</summary>
    public void Drain(OnSample take) => _buffer.Drain((type, record) =>
    {
        if (type == PerfRecords.Sample)
        {
            int depth = (int)BinaryPrimitives.ReadUInt64LittleEndian(record[CountAt..]);
            take(BinaryPrimitives.ReadInt32LittleEndian(record[ProcessAt..]), MemoryMarshal.Cast<byte, ulong>(record.Slice(StackAt, depth * sizeof(ulong))));
        }
        else if (type == PerfRecords.Lost)
        {
            Lost += BinaryPrimitives.ReadInt64LittleEndian(record[LostAt..]);
        }
    });

    public void Dispose() => _buffer.Dispose();
}
