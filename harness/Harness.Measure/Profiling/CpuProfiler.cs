using System.Diagnostics;
using System.Globalization;
using Engine.Linux;

namespace Harness.Measure;

/// <summary>
/// Samples where a process, ours or not, spends its CPU time, from outside, some hundred times for each second of it and in all of its threads. Nothing that is missing
/// stops it: what cannot be had is named, with its reason and the command that would allow it. In order: Attach, <see cref="Begin"/>, <see cref="End"/>; its own thread
/// empties the kernel's buffers between the two.
/// </summary>
public sealed class CpuProfiler : IDisposable
{
    /// <summary>Not a divisor of the intervals in which programs do things by the clock.</summary>
    public const int Hertz = 499;

    /// <summary>A ring a processor, which holds some hundred samples even of deep stacks.</summary>
    private const int RingPages = 64;
    private static readonly TimeSpan DrainInterval = TimeSpan.FromMilliseconds(50);

    private readonly int _pid;
    private readonly string _root;
    private readonly DateTime _startedUtc;
    private readonly PseudoFiles _files = new();
    private readonly List<string> _notMeasured = [];
    private readonly List<PerfSamples> _rings = [];
    private readonly StackCounts _own = new();
    private readonly StackCounts _started = new();
    private readonly ManualResetEventSlim _over = new();
    private List<OneEvent> _events = [];
    private Thread? _drains;
    private string _maps = "";

    private CpuProfiler(int pid)
    {
        _pid = pid;
        _startedUtc = StartedUtc(pid);
        _root = (_files.ReadText(Invariant($"/proc/{pid}/comm")) ?? "process").Replace(';', ':').Replace(' ', '-');
    }

    /// <summary>The process can be sampled.</summary>
    internal bool IsReady => _rings.Count > 0;

    /// <summary>Gets ready; nothing is sampled yet.</summary>
    public static CpuProfiler Attach(int pid)
    {
        CpuProfiler profiler = new(pid);
        if (PerfProblems.OtherProcesses(profiler._files.ReadText("/proc/self/stat")))
        {
            profiler._notMeasured.Add(Named(PerfProblems.OtherNamespace));
            return profiler;
        }

        profiler.Try(profiler.Open);
        return profiler;
    }

    /// <summary>The window begins.</summary>
    public void Begin() => Try(() =>
    {
        if (!IsReady)
        {
            return;
        }

        // A process that dies in the window shows its files no more.
        _maps = Maps() ?? "";
        _drains = new Thread(DrainUntilOver) { IsBackground = true, Name = "profile" };
        _drains.Start();
        _events.ForEach(one => PerfEvents.Enable(one.File));
    });

    /// <summary>The window has ended.</summary>
    public void End() => Try(() =>
    {
        if (_drains is null)
        {
            return;
        }

        _events.ForEach(one => PerfEvents.Disable(one.File));

        StopDraining();
        _maps = Maps() ?? _maps;
    });

    /// <summary>What was sampled, with names: takes a moment.</summary>
    public ProcessProfile ToProfile()
    {
        StopDraining();
        if (_own.Total + _started.Total > 0)
        {
            return new ProcessProfile(Fold(), _rings.Sum(ring => ring.Lost), [.. _notMeasured.Distinct()]);
        }

        if (_notMeasured.Count == 0)
        {
            _notMeasured.Add(Named(Directory.Exists($"/proc/{_pid}") ? $"process {_pid} used no CPU time in the window" : $"process {_pid} has ended"));
        }

        return new ProcessProfile(new Dictionary<string, long>(), 0, [.. _notMeasured.Distinct()]);
    }

    public void Dispose()
    {
        StopDraining();
        _rings.ForEach(ring => ring.Dispose());
        _rings.Clear();
        _events.ForEach(one => one.Dispose());
        _events.Clear();
        _over.Dispose();
    }

    private void Open()
    {
        int[] cpus = [.. Cpus(_files.ReadText("/sys/devices/system/cpu/online"))];
        _events = Threads.AttachInherited<OneEvent>(_pid, (thread, opened) =>
        {
            foreach (int cpu in cpus)
            {
                opened.Add(new OneEvent(cpu, PerfEvents.Sample(thread, cpu, Hertz)));
            }
        });
        if (_events.Count == 0)
        {
            throw new LinuxException("perf_event_open", Errno.ESRCH, $"of process {_pid}");
        }

        foreach (IGrouping<int, OneEvent> cpu in _events.GroupBy(one => one.Cpu))
        {
            _rings.Add(new PerfSamples([.. cpu.Select(one => one.File)], RingPages));
        }
    }

    private void DrainUntilOver()
    {
        do
        {
            foreach (PerfSamples ring in _rings)
            {
                ring.Drain((process, stack) => (process == _pid ? _own : _started).Add(stack));
            }
        }
        while (!_over.Wait(DrainInterval));
    }

    private void StopDraining()
    {
        if (_drains is not null)
        {
            _over.Set();
            _drains.Join();
            _drains = null;
            DrainUntilOver();
        }
    }

    private Dictionary<string, long> Fold()
    {
        KernelSymbols? kernel = KernelSymbols.Read();
        if (kernel is null)
        {
            string restrict = _files.ReadText("/proc/sys/kernel/kptr_restrict") ?? "unknown";
            _notMeasured.Add(Named($"the kernel hides the names of its functions, so that copying is not told from the rest; kptr_restrict is {restrict}: sudo sysctl kernel.kptr_restrict=0 kernel.perf_event_paranoid=1, or run with sudo"));
        }

        bool managed = _maps.Contains("/libcoreclr.so", StringComparison.Ordinal);
        CompiledMethods? compiled = CompiledMethods.Read(_pid, _startedUtc);
        if (managed && compiled is null)
        {
            _notMeasured.Add(Named("the process does not tell the names of what it compiles: start it with DOTNET_PerfMapEnabled=3"));
        }

        FrameNames names = new(kernel, MappedFiles.Parse(_maps.Split('\n')), compiled, managed);
        Dictionary<string, long> folded = [];
        foreach ((StackCounts counts, bool own) in new[] { (_own, true), (_started, false) })
        {
            foreach ((ulong[] stack, long count) in counts.Stacks)
            {
                string line = names.Fold(_root, stack, own);
                folded[line] = folded.GetValueOrDefault(line) + count;
            }
        }

        return folded;
    }

    private string? Maps() => _files.ReadText(Invariant($"/proc/{_pid}/maps"));

    /// <summary>A little early rather than late; now where the process is gone.</summary>
    private static DateTime StartedUtc(int pid)
    {
        try
        {
            using Process process = Process.GetProcessById(pid);
            return process.StartTime.ToUniversalTime() - TimeSpan.FromSeconds(1);
        }
        catch (Exception gone) when (gone is ArgumentException or InvalidOperationException or System.ComponentModel.Win32Exception)
        {
            return DateTime.UtcNow;
        }
    }

    private void Try(Action look)
    {
        try
        {
            look();
        }
        catch (LinuxException e)
        {
            _notMeasured.Add(Named(PerfProblems.Reason(e, _pid, _files, paranoidLevel: "1")));
        }
    }

    /// <summary><c>0-3,6</c></summary>
    internal static IEnumerable<int> Cpus(string? online) => online is null
        ? Enumerable.Range(0, Environment.ProcessorCount)
        : online.Split(',').Select(range => range.Split('-')).SelectMany(range =>
        {
            int first = int.Parse(range[0], NumberStyles.None, CultureInfo.InvariantCulture);
            int last = int.Parse(range[^1], NumberStyles.None, CultureInfo.InvariantCulture);
            return Enumerable.Range(first, last - first + 1);
        });

    private static string Named(string reason) => $"profile: {reason}";

    private static string Invariant(FormattableString text) => FormattableString.Invariant(text);

    private sealed record OneEvent(int Cpu, FileDescriptor File) : IDisposable
    {
        public void Dispose() => File.Dispose();
    }
}
