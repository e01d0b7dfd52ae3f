using System.Globalization;
using System.Runtime.InteropServices;
using Engine.Linux;
using Results;

namespace Harness.Measure;

/// <summary>
/// Reads the machine's fingerprint from /proc and /sys. What one kernel, container or processor does not show is null and
/// noted, never guessed. Holds nothing that names the host, a user or a folder: devices go by the kernel's names, because
/// those of volume groups and network mounts carry host names.
/// </summary>
public static class MachineProbe
{
    internal const string CongestionControlFile = "/proc/sys/net/ipv4/tcp_congestion_control";
    private const long KibiByte = 1024;

    /// <summary>Reads this machine; the disk is the one that holds <paramref name="dataDirectory"/>, which need not exist yet.</summary>
    public static MachineReading Read(string dataDirectory)
    {
        ArgumentException.ThrowIfNullOrEmpty(dataDirectory);
        string folder = ExistingFolder(dataDirectory);
        return Read(new PseudoFiles(), folder, new DriveInfo(folder).AvailableFreeSpace);
    }

    /// <summary>The folder, or the nearest one above it that exists, by its name without links.</summary>
    internal static string ExistingFolder(string path)
    {
        string existing = Path.GetFullPath(path);
        while (!Directory.Exists(existing))
        {
            existing = Path.GetDirectoryName(existing) ?? "/";
        }

        return ResolveLinks(existing);
    }

    /// <param name="dataPath">Without symbolic links, as mount points are.</param>
    internal static MachineReading Read(PseudoFiles files, string dataPath, long freeBytes)
    {
        List<string> notes = [];
        MachineInfo info = new()
        {
            Cpu = CpuProbe.Read(files, notes),
            Memory = ReadMemory(files, notes),
            Disk = DiskProbe.Read(files, dataPath, freeBytes, notes),
            Kernel = ReadKernel(files, notes),
            Fingerprint = "",
        };
        return new MachineReading(info with { Fingerprint = MachineDigest.Of(info, files) }, notes);
    }

    private static MemoryInfo ReadMemory(PseudoFiles files, List<string> notes)
    {
        ReadOnlySpan<byte> meminfo = files.Read("/proc/meminfo");
        long? total = Fields.Named(meminfo, "MemTotal"u8) * KibiByte;
        long? available = Fields.Named(meminfo, "MemAvailable"u8) * KibiByte;
        long? swap = Fields.Named(meminfo, "SwapTotal"u8) * KibiByte;
        DirtyLimits limits = DirtyLimits.Read(files);
        return new MemoryInfo
        {
            TotalBytes = total ?? notes.Zero("memory of the machine"),
            AvailableBytes = available ?? notes.Zero("available memory"),
            SwapBytes = swap ?? notes.Zero("swap space"),
            TransparentHugePages = Fields.Chosen(files.ReadText("/sys/kernel/mm/transparent_hugepage/enabled"))
                ?? notes.Missing("setting of transparent huge pages"),
            DirtyBackgroundBytes = limits.BackgroundBytes,
            DirtyLimitBytes = limits.LimitBytes > 0 ? limits.LimitBytes : notes.Zero("limits of dirty pages"),
            DirtyExpireSeconds = DirtyLimits.Setting(files, "dirty_expire_centisecs") / 100.0,
        };
    }

    private static KernelInfo ReadKernel(PseudoFiles files, List<string> notes)
    {
        string? load = files.ReadText("/proc/loadavg")?.Split(' ')[0];
        ReadOnlySpan<byte> openFiles = Fields.After(files.Read("/proc/self/limits"), "Max open files"u8);
        bool unlimited = openFiles.StartsWith("unlimited"u8);
        return new KernelInfo
        {
            Release = files.ReadText("/proc/sys/kernel/osrelease") ?? notes.Unknown("kernel release"),
            Architecture = RuntimeInformation.OSArchitecture.ToString().ToLowerInvariant(),
            ClockSource = files.ReadText("/sys/devices/system/clocksource/clocksource0/current_clocksource")
                ?? notes.Missing("clock source"),
            CongestionControl = files.ReadText(CongestionControlFile) ?? notes.Missing("TCP congestion control"),
            LoadAverage = double.TryParse(load, CultureInfo.InvariantCulture, out double average)
                ? average
                : notes.Zero("load average"),
            OpenFilesLimit = unlimited ? long.MaxValue : Fields.Column(openFiles, 0) ?? notes.Zero("limit of open files"),
        };
    }

    /// <summary>The kernel's own name of an open folder is the one name without links in any of its parts.</summary>
    private static string ResolveLinks(string folder)
    {
        using FileDescriptor open = Files.Open(folder, OpenFlags.ReadOnly | OpenFlags.Directory);
        return new FileInfo($"/proc/self/fd/{open.Number}").LinkTarget ?? folder;
    }
}
