using Engine.Linux;

namespace Harness.Measure;

/// <summary>
/// Reads what one process uses, ours or not, from outside. Sample about once a second and at both ends of the window: memory
/// peaks are only seen where a sample falls, and context switches are kept per thread by the kernel, so what a thread did after
/// the last sample before its end is lost (a lower bound; everything else includes ended threads).
/// <para>
/// A process that has ended, a zombie included, answers null, and so does another process that got its id: a number of the
/// wrong process is never given. Belongs to one thread, and allocates little more than its snapshot: what a sample a second leaves behind would
/// be most of what the generator's memory grows by. System.Diagnostics.Process knows neither anonymous memory nor
/// switches, faults and device bytes, and its CPU time is in ticks of 10 ms.
/// </para>
/// </summary>
public sealed class ProcessSampler
{
    private const long KibiByte = 1024;
    private const long NanosPerTick = 10_000_000; // USER_HZ, which the kernel fixes at 100 for its text files.

    private readonly PseudoFiles _files;
    private readonly Func<int, long?> _cpuClock;
    private readonly long _startTicks;
    private readonly string _stat;
    private readonly string _status;
    private readonly string _io;
    private readonly string _tasks;
    private readonly List<int> _listed = [];
    private Dictionary<int, ThreadCounts> _threads = [];
    private Dictionary<int, ThreadCounts> _threadsBefore = [];
    private Switches _ended;

    private ProcessSampler(int pid, long startTicks, PseudoFiles files, Func<int, long?> cpuClock)
    {
        Pid = pid;
        _startTicks = startTicks;
        _files = files;
        _cpuClock = cpuClock;
        _stat = StatOf(pid);
        _status = $"/proc/{pid}/status";
        _io = $"/proc/{pid}/io";
        _tasks = $"/proc/{pid}/task";
    }

    public int Pid { get; }

    /// <summary>Null when there is no such process, or it has ended and only waits to be reaped.</summary>
    public static ProcessSampler? TryOpen(int pid) => TryOpen(pid, new PseudoFiles(), CpuClocks.ProcessNanos);

    internal static ProcessSampler? TryOpen(int pid, PseudoFiles files, Func<int, long?> cpuClock) =>
        ReadStat(files, StatOf(pid)) is Stat stat ? new ProcessSampler(pid, stat.StartTicks, files, cpuClock) : null;

    /// <summary>When the process began, in ticks of the kernel's clock since the machine did; null when there is none.</summary>
    internal static long? StartTicks(int pid, PseudoFiles files) => ReadStat(files, StatOf(pid))?.StartTicks;

    /// <summary>Null when the process has ended.</summary>
    public ProcessSnapshot? Sample()
    {
        long atNanos = MonotonicClock.Nanos();
        long? cpuNanos = _cpuClock(Pid);
        ReadOnlySpan<byte> status = _files.Read(_status);
        long anonymousKibiBytes = Fields.Named(status, "RssAnon"u8) ?? 0;
        long residentKibiBytes = Fields.Named(status, "VmRSS"u8) ?? 0;
        Switches switches = ReadSwitches();
        ReadOnlySpan<byte> io = _files.Read(_io);
        long? readBytes = Fields.Named(io, "read_bytes"u8);
        long? writeBytes = Fields.Named(io, "write_bytes"u8);
        long? cancelledBytes = Fields.Named(io, "cancelled_write_bytes"u8);

        // Last, so that a process found alive here was alive for everything above.
        if (ReadStat(_files, _stat) is not Stat stat || stat.StartTicks != _startTicks)
        {
            return null;
        }

        return new ProcessSnapshot
        {
            AtNanos = atNanos,
            CpuNanos = cpuNanos ?? ((stat.UserTicks + stat.SystemTicks) * NanosPerTick),
            UserTicks = stat.UserTicks,
            SystemTicks = stat.SystemTicks,
            AnonymousBytes = anonymousKibiBytes * KibiByte,
            ResidentBytes = residentKibiBytes * KibiByte,
            VoluntarySwitches = switches.Voluntary,
            InvoluntarySwitches = switches.Involuntary,
            MinorFaults = stat.MinorFaults,
            MajorFaults = stat.MajorFaults,
            DeviceReadBytes = readBytes,
            DeviceWriteBytes = writeBytes,
            CancelledWriteBytes = cancelledBytes,
        };
    }

    /// <summary>Sums over the threads of now and, by their last count seen, those that have ended since the first sample.</summary>
    private Switches ReadSwitches()
    {
        (_threads, _threadsBefore) = (_threadsBefore, _threads);
        _threads.Clear();
        Switches sum = default;
        _files.ListNumbers(_tasks, _listed);
        foreach (int thread in _listed)
        {
            string path = _threadsBefore.TryGetValue(thread, out ThreadCounts known) ? known.Path : $"{_tasks}/{thread}/status";
            ReadOnlySpan<byte> status = _files.Read(path);
            if (Fields.Named(status, "voluntary_ctxt_switches"u8) is long voluntary
                && Fields.Named(status, "nonvoluntary_ctxt_switches"u8) is long involuntary)
            {
                Switches now = new(voluntary, involuntary);
                _threads.Add(thread, new ThreadCounts(path, now));
                sum += now;
            }
        }

        foreach ((int thread, (_, Switches before)) in _threadsBefore)
        {
            // A count that fell belongs to a new thread that got the id of an ended one.
            if (!_threads.TryGetValue(thread, out ThreadCounts now)
                || now.Switches.Voluntary < before.Voluntary || now.Switches.Involuntary < before.Involuntary)
            {
                _ended += before;
            }
        }

        return sum + _ended;
    }

    private static string StatOf(int pid) => $"/proc/{pid}/stat";

    /// <summary>
    /// proc_pid_stat(5). The name in the second field may hold spaces and parentheses, so the fields are counted from the last
    /// closing one.
    /// </summary>
    private static Stat? ReadStat(PseudoFiles files, string path)
    {
        ReadOnlySpan<byte> text = files.Read(path);
        int nameEnd = text.LastIndexOf((byte)')');
        if (nameEnd < 0 || text.Length < nameEnd + 3)
        {
            return null;
        }

        ReadOnlySpan<byte> fields = text[(nameEnd + 2)..].TrimEnd((byte)'\n');
        bool ended = fields[0] is (byte)'Z' or (byte)'X' or (byte)'x';
        return !ended
            && Fields.Column(fields, 7) is long minorFaults
            && Fields.Column(fields, 9) is long majorFaults
            && Fields.Column(fields, 11) is long userTicks
            && Fields.Column(fields, 12) is long systemTicks
            && Fields.Column(fields, 19) is long startTicks
            ? new Stat(minorFaults, majorFaults, userTicks, systemTicks, startTicks)
            : null;
    }

    private readonly record struct Stat(long MinorFaults, long MajorFaults, long UserTicks, long SystemTicks, long StartTicks);

    private readonly record struct ThreadCounts(string Path, Switches Switches);

    private readonly record struct Switches(long Voluntary, long Involuntary)
    {
        public static Switches operator +(Switches a, Switches b) => new(a.Voluntary + b.Voluntary, a.Involuntary + b.Involuntary);
    }
}
