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
    private static readonly TimeSpan DrainInterval = TimeSpan.FromMilliseconds(10);

    private readonly int _pid;
    private readonly List<PerfRing> _rings = [];
    private readonly Dictionary<ushort, (string Call, bool IsExit)> _events = [];
    private readonly List<RecordedCall> _records = [];
    private readonly Dictionary<int, RecordedCall> _entered = [];

    /// <param name="threads">What to record of whom; of threads that are not named, everything.</param>
    /// <exception cref="LinuxException">The process may not be looked into.</exception>
    internal CallRecorder(int pid, TraceEvents events, IReadOnlyDictionary<int, IReadOnlyList<string>> threads, IReadOnlySet<int> known)
    {
        _pid = pid;
        try
        {
            Threads.Attach(pid, thread =>
            {
                IReadOnlyList<string> calls = threads.TryGetValue(thread, out IReadOnlyList<string>? moved) ? moved : known.Contains(thread) ? [] : SystemCalls.Moving;
                long[] ids = [.. (calls.Count > 0 ? calls.Append("lseek") : calls).SelectMany(call => Both(call, events))];
                if (ids.Length > 0)
                {
                    _rings.Add(new PerfRing(thread, ids, RingPages));
                }
            });
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>Records for so long, or until cancelled.</summary>
    internal RecordedCalls Run(TimeSpan span, CancellationToken cancellation)
    {
        Stopwatch time = Stopwatch.StartNew();
        while (time.Elapsed < span && !cancellation.WaitHandle.WaitOne(DrainInterval))
        {
            _rings.ForEach(Drain);
        }

        _rings.ForEach(Drain);
        double seconds = time.Elapsed.TotalSeconds;
        _records.Sort((a, b) => a.AtNanos.CompareTo(b.AtNanos));
        return MovedSums.Of(_records, seconds, _rings.Sum(r => r.Lost));
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

    private void Drain(PerfRing ring)
    {
        Dictionary<int, string?> links = [];
        long lost = ring.Lost;
        ring.Drain((atNanos, payload) => Take(ring.Thread, atNanos, payload, links));
        if (ring.Lost > lost)
        {
            // What an exit belongs to is not known any more, nor where a file was written to meanwhile.
            _entered.Remove(ring.Thread);
            _records.Add(new RecordedCall(_records.Count > 0 ? _records[^1].AtNanos : 0, "", 0, 0, 0, 0, null, 0));
        }
    }

    private void Take(int thread, long atNanos, ReadOnlySpan<byte> payload, Dictionary<int, string?> links)
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
            if (!links.TryGetValue(descriptor, out string? link))
            {
                links[descriptor] = link = DescriptorLinks.Of(_pid, descriptor);
            }

            _entered[thread] = new RecordedCall(atNanos, kind.Call, arguments[1], arguments[2], arguments[3], descriptor, link, 0);
        }
        else if (_entered.Remove(thread, out RecordedCall call) && call.Call == kind.Call && payload.Length >= ArgumentsAt + sizeof(long))
        {
            _records.Add(call with { Result = BinaryPrimitives.ReadInt64LittleEndian(payload[ArgumentsAt..]) });
        }
    }
}

/// <summary>One call. With an empty name: here records were lost.</summary>
/// <param name="Second">The call's second argument, and so on.</param>
/// <param name="Link">What the descriptor was: a path, <c>socket:[…]</c>; null when it was gone.</param>
internal readonly record struct RecordedCall(long AtNanos, string Call, long Second, long Third, long Fourth, int Descriptor, string? Link, long Result);
