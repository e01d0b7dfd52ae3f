using Engine.Linux;
using Results;

namespace Harness.Measure;

/// <summary>
/// What the kernel sees a process do, ours or not, for a moment. Nothing that is missing stops it: what cannot be had is named, with its reason and the command
/// that would allow it, and never guessed. In order: Attach, <see cref="Record"/>, <see cref="Begin"/>, <see cref="End"/>,
/// <see cref="LookAtFiles"/>; one thread at a time.
/// </summary>
public sealed class EvidenceCollector : IDisposable
{
    private const string SystemCallsPart = "system calls";
    private volatile bool _isRecording;
    private readonly int _pid;
    private readonly TraceEvents _events;
    private readonly List<string> _notMeasured = [];
    private readonly HashSet<int> _known = [];
    private CallCounters? _counters;
    private CallCounters.CallTotals? _from;
    private CallCounters.CallTotals? _to;
    private RecordedCalls? _recorded;
    private ResidentFiles? _segments;
    private bool? _direct;
    private bool _isBlind;

    private EvidenceCollector(int pid, TraceEvents events)
    {
        _pid = pid;
        _events = events;
    }

    /// <summary>Everything that moves data is being recorded. Any thread.</summary>
    internal bool IsRecording
    {
        get => _isRecording;
        private set => _isRecording = value;
    }

    /// <summary>Begins to count, in all threads of the process.</summary>
    public static EvidenceCollector Attach(int pid) => Attach(pid, new TraceEvents());

    internal static EvidenceCollector Attach(int pid, TraceEvents events)
    {
        EvidenceCollector collector = new(pid, events);
        if (PerfProblems.OtherProcesses(new PseudoFiles().ReadText("/proc/self/stat")))
        {
            collector._isBlind = true;
            collector._notMeasured.Add($"all of it: {PerfProblems.OtherNamespace}");
            return collector;
        }

        if (events.Missing is { } missing)
        {
            collector._notMeasured.Add($"{SystemCallsPart}: {missing}");
            return collector;
        }

        collector.Try(SystemCallsPart, () =>
        {
            collector._known.UnionWith(Threads.Of(pid));
            HeldTracepoints.Hold(events);
            collector._counters = new CallCounters(pid, events);
            if (!collector._counters.CountsPages)
            {
                collector._notMeasured.Add($"pages added to the page cache: {PerfProblems.Paranoid("events inside the kernel may not be counted", new PseudoFiles(), "1")}");
            }
        });
        return collector;
    }

    /// <summary>Records each call that moves data for so long, or until cancelled. Slows the process a little meanwhile.</summary>
    public void Record(TimeSpan span, CancellationToken cancellation) => Try("calls one by one", () =>
    {
        if (_counters is null)
        {
            return;
        }

        if (span <= TimeSpan.Zero)
        {
            _notMeasured.Add("calls one by one: they are recorded in the warm-up, and there was none");
        }
        else
        {
            using CallRecorder recorder = new(_pid, _events, _counters.Movers(), _known);
            long before = _counters.Moving();
            IsRecording = true;
            _recorded = recorder.Run(span, () => _counters.Moving() - before, cancellation);
            IsRecording = false;
        }
    });

    /// <summary>The process tells nothing of its managed heap: said where it has one.</summary>
    public void MissHeap()
    {
        if (ManagedRuntime.IsIn(_pid, new PseudoFiles()))
        {
            _notMeasured.Add("collections, pauses and allocations of the managed heap: only the process counts them, and this one is not asked: --target engine, which has a page of them");
        }
    }

    /// <summary>The moment begins whose calls are told.</summary>
    public void Begin() => Try(SystemCallsPart, () => _from = _counters?.Read());

    /// <summary>The moment has ended: nothing is counted any more. Takes some tens of milliseconds.</summary>
    public void End()
    {
        Try(SystemCallsPart, () => _to = _counters?.Read());
        _counters?.Dispose();
    }

    /// <summary>Looks at the files that are open now.</summary>
    public void LookAtFiles()
    {
        if (!_isBlind)
        {
            Try("segments in memory", () => (_segments, _direct) = SegmentFiles.Look(_pid));
        }
    }

    /// <summary>What was found; only a moment with both a begin and an end has counts.</summary>
    public KernelEvidence ToDocument()
    {
        bool counted = _from is not null && _to is not null;
        if (counted && !_to!.Whole)
        {
            _notMeasured.Add($"{SystemCallsPart}: the kernel let counters take turns, so that counts would be too low");
            counted = false;
        }
        else if (!counted && _counters is not null)
        {
            _notMeasured.Add($"{SystemCallsPart}: the counted window broke off before they had been counted");
        }

        return new KernelEvidence
        {
            Calls = counted ? _to!.Since(_from!) : null,
            PagesAdded = counted && _counters!.CountsPages ? _to!.PagesSince(_from!) : null,
            Recorded = _recorded,
            Segments = _segments,
            OpenedDirect = _direct,
            NotMeasured = [.. _notMeasured.Distinct()],
        };
    }

    public void Dispose() => _counters?.Dispose();

    private void Try(string what, Action look)
    {
        try
        {
            look();
        }
        catch (LinuxException e)
        {
            _notMeasured.Add($"{what}: {PerfProblems.Reason(e, _pid, new PseudoFiles(), paranoidLevel: "2")}");
        }
        catch (UnauthorizedAccessException)
        {
            _notMeasured.Add($"{what}: process {_pid} is another user's: run the harness as that user or with sudo");
        }
        catch (IOException e)
        {
            _notMeasured.Add($"{what}: {(Directory.Exists($"/proc/{_pid}") ? e.Message : $"process {_pid} has ended")}");
        }
    }
}
