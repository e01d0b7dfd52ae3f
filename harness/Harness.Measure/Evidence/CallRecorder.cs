using System.Buffers.Binary;
using System.Diagnostics;
using Engine.Linux;
using Results;

namespace Harness.Measure;

/// <summary>
/// Records each call that moves data for a moment, with descriptor, position and result, and makes sums of them. Every such call of the process then costs it
/// about half a microsecond more: for a moment only, and outside the counted window. Belongs to one thread.
/// </summary>
internal sealed class CallRecorder : IDisposable
{
    private const int RingPages = 32;
    private const int ArgumentsAt = 16; // Of the tracepoints syscalls:sys_enter_* and sys_exit_*: behind common fields and the call's number.
    private const int EnterArguments = 4;
    private const long OpenedToAppend = 0x400; // O_APPEND (asm-generic/fcntl.h)

    /// <summary>Then it is over before its time: a bound for memory.</summary>
    private const int RecordsMax = 1 << 20;
    private static readonly TimeSpan DrainInterval = TimeSpan.FromMilliseconds(10);

    private readonly int _pid;
    private readonly PseudoFiles _files = new();
    private readonly List<PerfRing> _rings = [];
    private readonly Dictionary<ushort, (string Call, bool IsExit)> _events = [];
    private readonly List<RecordedCall> _records = [];
    private readonly Dictionary<int, RecordedCall> _entered = [];

    /// <summary>Of each thread, how many records were taken, and when the last one was made.</summary>
    private readonly Dictionary<int, (long Taken, long LastAtNanos)> _seen = [];

    /// <summary>What descriptors are, looked at once a batch.</summary>
    private readonly Dictionary<int, (string? Link, bool? Appends)> _descriptors = [];
    private int _batch;

    /// <param name="threads">What to record of whom; of threads that are not named, everything.</param>
    /// <exception cref="LinuxException">The process may not be looked into.</exception>
    internal CallRecorder(int pid, TraceEvents events, IReadOnlyDictionary<int, IReadOnlyCollection<string>> threads, IReadOnlySet<int> known)
    {
        _pid = pid;
        try
        {
            Threads.AttachEach(pid, thread =>
            {
                IReadOnlyCollection<string> calls = threads.TryGetValue(thread, out IReadOnlyCollection<string>? moved) ? moved : known.Contains(thread) ? [] : SystemCalls.Moving;
                if (calls.Count == 0)
                {
                    return;
                }

                long[] ids = [.. calls.Append(SystemCalls.Seek).Append(SystemCalls.Close).SelectMany(call => Both(call, events))];
                if (ids.Length == 0)
                {
                    throw new LinuxException("tracefs", Errno.ENOENT, "has no tracepoints any more");
                }

                _rings.Add(new PerfRing(thread, ids, RingPages));
            });
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>Records for so long, or until cancelled.</summary>
    /// <param name="counted">How many calls that move data the whole process has made since some moment behind the constructor: what is recorded is held against it.</param>
    internal RecordedCalls Run(TimeSpan span, Func<long> counted, CancellationToken cancellation)
    {
        Stopwatch time = Stopwatch.StartNew();
        while (time.Elapsed < span && _records.Count < RecordsMax && !cancellation.WaitHandle.WaitOne(DrainInterval))
        {
            DrainAll();
        }

        // In this order, so that a call at the end is not taken for one that is missing, nor its record for one that was lost.
        long made = counted();
        long moving = _rings.Sum(r => r.Hits(id => _events[(ushort)id] is { IsExit: false } entry && SystemCalls.Moving.Contains(entry.Call)));
        (int Thread, long Hits)[] hits = [.. _rings.Select(r => (r.Thread, r.Hits(_ => true)))];
        DrainAll();
        double seconds = time.Elapsed.TotalSeconds;
        long lost = hits.Sum(h => h.Hits) - _seen.Values.Sum(s => s.Taken);
        foreach ((int thread, _) in hits.Where(h => h.Hits > _seen.GetValueOrDefault(h.Thread).Taken))
        {
            // No record may have come behind what was lost last, to tell of it.
            Lose(thread, long.MaxValue);
        }

        _records.Sort((a, b) => a.AtNanos.CompareTo(b.AtNanos));
        return MovedSums.Of(_records, seconds, Math.Max(0, lost), Math.Max(0, made - moving));
    }

    public void Dispose()
    {
        _rings.ForEach(r => r.Dispose());
        _rings.Clear();
    }

    private IEnumerable<long> Both(string call, TraceEvents events)
    {
        if (events.IdOf($"syscalls/sys_enter_{call}") is { } enter && events.IdOf($"syscalls/sys_exit_{call}") is { } exit)
        {
            _events[(ushort)enter] = (call, false);
            _events[(ushort)exit] = (call, true);
            return [enter, exit];
        }

        return [];
    }

    private void DrainAll()
    {
        _batch++;
        _descriptors.Clear();
        foreach (PerfRing ring in _rings)
        {
            ring.Drain((atNanos, afterLoss, payload) =>
            {
                if (afterLoss)
                {
                    Lose(ring.Thread, atNanos);
                }

                _seen[ring.Thread] = (_seen.GetValueOrDefault(ring.Thread).Taken + 1, atNanos);
                Take(ring.Thread, atNanos, payload);
            });
        }
    }

    /// <summary>From the thread's last record up to this one nothing is known of it.</summary>
    private void Lose(int thread, long untilNanos)
    {
        _entered.Remove(thread);
        RecordedCall end = new(untilNanos, RecordedCall.LossEnds, 0, 0, 0, 0, null, false, _batch, 0);
        _records.Add(end with { AtNanos = _seen.GetValueOrDefault(thread).LastAtNanos, Call = RecordedCall.LossBegins });
        _records.Add(end);
    }

    private void Take(int thread, long atNanos, ReadOnlySpan<byte> payload)
    {
        if (!_events.TryGetValue(BinaryPrimitives.ReadUInt16LittleEndian(payload), out (string Call, bool IsExit) kind))
        {
            return;
        }

        if (!kind.IsExit)
        {
            Span<long> arguments = stackalloc long[EnterArguments];
            for (int i = 0; i < EnterArguments && ArgumentsAt + ((i + 1) * sizeof(long)) <= payload.Length; i++)
            {
                arguments[i] = BinaryPrimitives.ReadInt64LittleEndian(payload[(ArgumentsAt + (i * sizeof(long)))..]);
            }

            // Where splice writes to is its third; of all others the first says it.
            int descriptor = (int)arguments[kind.Call == "splice" ? 2 : 0];
            (string? link, bool appends) = kind.Call == SystemCalls.Close ? (null, false) : Look(descriptor, SystemCalls.Writes(kind.Call));
            _entered[thread] = new RecordedCall(atNanos, kind.Call, arguments[1], arguments[2], arguments[3], descriptor, link, appends, _batch, 0);
        }
        else if (_entered.Remove(thread, out RecordedCall call) && call.Call == kind.Call && payload.Length >= ArgumentsAt + sizeof(long))
        {
            _records.Add(call with { Result = BinaryPrimitives.ReadInt64LittleEndian(payload[ArgumentsAt..]) });
        }
    }

    private (string? Link, bool Appends) Look(int descriptor, bool writes)
    {
        if (!_descriptors.TryGetValue(descriptor, out (string? Link, bool? Appends) seen))
        {
            _descriptors[descriptor] = seen = (DescriptorLinks.Of(_pid, descriptor), null);
        }

        if (writes && seen.Appends is null && seen.Link is { } link && DescriptorLinks.IsFile(link))
        {
            _descriptors[descriptor] = seen = (link, (DescriptorLinks.Flags(_files, _pid, descriptor) & OpenedToAppend) != 0);
        }

        return (seen.Link, seen.Appends ?? false);
    }
}
